// Photos with a bar and a few lines each; clicking one tells Python its name.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".strip");
  list.replaceChildren(...data.tiles.map((tile) => build(tile, () => setTriggerValue("picked", tile.name))));
}

function build({ title, picture, share, lines }, pick) {
  const button = make("button");
  button.type = "button";
  button.title = title;
  button.onclick = pick;
  const image = make(picture ? "img" : "div");
  if (picture) {
    image.src = picture;
    image.alt = "";
  } else {
    image.className = "none";
  }
  button.append(image);
  if (share !== null) {
    const bar = make("div");
    bar.className = "bar";
    const filled = make("i");
    filled.style.width = `${100 * share}%`;
    bar.append(filled);
    button.append(bar);
  }
  button.append(...lines.map((line) => make("p", line)));
  const item = make("li");
  item.append(button);
  return item;
}

function make(name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
