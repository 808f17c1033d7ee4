// A grid of thumbnails, which come as a payload; clicking one tells Python its name, and the page's other components
// its photo's, by the window's event "photo": they may have it already.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".gallery");

  function mark(chosen) {
    for (const button of grid.children) button.setAttribute("aria-pressed", String(button.dataset.name === chosen));
  }

  function show() {
    const payload = window.payloads?.get(data.photos);
    if (!payload) return;
    if (!grid.childElementCount) {
      const photos = JSON.parse(new TextDecoder().decode(payload.bytes));
      grid.replaceChildren(...photos.map(build));
    }
    mark(data.chosen);
    for (const button of grid.children) {
      button.onclick = () => {
        mark(button.dataset.name);
        window.dispatchEvent(new CustomEvent("photo", { detail: button.dataset.photo }));
        setTriggerValue("picked", button.dataset.name);
      };
    }
  }

  show();
  window.addEventListener("payload", show);
  return () => window.removeEventListener("payload", show);
}

function build({ name, title, photo, thumbnail }) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = title;
  button.dataset.name = name;
  button.dataset.photo = photo;
  const image = document.createElement("img");
  image.src = thumbnail;
  image.alt = title;
  button.append(image);
  return button;
}
