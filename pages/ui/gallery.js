// A grid of thumbnails, which come as a payload; clicking one tells Python its name.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".gallery");

  function show() {
    const payload = window.payloads?.get(data.photos);
    if (!payload) return;
    if (!grid.childElementCount) {
      const photos = JSON.parse(new TextDecoder().decode(payload.bytes));
      grid.replaceChildren(...photos.map(build));
    }
    for (const button of grid.children) {
      button.setAttribute("aria-pressed", String(button.dataset.name === data.chosen));
      button.onclick = () => setTriggerValue("picked", button.dataset.name);
    }
  }

  show();
  window.addEventListener("payload", show);
  return () => window.removeEventListener("payload", show);
}

function build({ name, title, thumbnail }) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = title;
  button.dataset.name = name;
  const image = document.createElement("img");
  image.src = thumbnail;
  image.alt = title;
  button.append(image);
  return button;
}
