// Keeps what pages/ui/payload.py sends for the page's other components: window.payloads, by name. They hear of a new
// one by the window's event "payload".
const MOST = 40; // of a kind, such as photos, that are kept: the newest, among them always those on screen

export default function ({ data }) {
  const payloads = (window.payloads ??= new Map());
  const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const start = data.byteOffset + 4;
  const about = JSON.parse(new TextDecoder().decode(new Uint8Array(data.buffer, start, length)));
  if (payloads.has(about.name)) {
    // The newest goes last.
    const kept = payloads.get(about.name);
    payloads.delete(about.name);
    payloads.set(about.name, kept);
    return;
  }
  const bytes = data.slice(4 + length);
  const address = about.type && URL.createObjectURL(new Blob([bytes], { type: about.type }));
  payloads.set(about.name, { ...about, bytes, address });
  const kindOf = (name) => name.split(" ")[0];
  const alike = [...payloads.keys()].filter((name) => kindOf(name) === kindOf(about.name));
  for (const name of alike.slice(0, -MOST)) {
    URL.revokeObjectURL(payloads.get(name).address ?? "");
    payloads.delete(name);
  }
  window.dispatchEvent(new CustomEvent("payload", { detail: about.name }));
}
