// Keeps what pages/ui/payload.py sends for the page's other components: window.payloads, by name. They hear of a new
// one by the window's event "payload".
const MOST = 8; // photos and maps that are kept, the newest of them

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
  payloads.set(about.name, { ...about, bytes: data.slice(4 + length) });
  for (const [name, old] of payloads) {
    if (payloads.size <= MOST) break;
    if (old.address) URL.revokeObjectURL(old.address);
    payloads.delete(name);
  }
  window.dispatchEvent(new CustomEvent("payload", { detail: about.name }));
}
