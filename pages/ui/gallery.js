// A grid of thumbnails; clicking one tells Python its name.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".gallery");
  if (grid.childElementCount !== data.photos.length) {
    grid.replaceChildren(
      ...data.photos.map((photo) => {
        const button = document.createElement("button");
        button.type = "button";
        button.title = photo.title;
        const image = document.createElement("img");
        image.src = photo.thumbnail;
        image.alt = photo.title;
        button.append(image);
        button.dataset.name = photo.name;
        return button;
      }),
    );
  }
  for (const button of grid.children) {
    button.setAttribute("aria-pressed", String(button.dataset.name === data.chosen));
    button.onclick = () => setTriggerValue("picked", button.dataset.name);
  }
}
