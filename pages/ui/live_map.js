// The map of a slider's sigma, drawn in the browser while the hand moves; at rest, Python's pictures.
function render(root, state, data, sigma) {
  const { side } = data;
  const values = blur(state.raw, side, sigma);
  const { low, high } = scaleOf(values, data.clippedShare);
  paint(state.small, values, side, low, high, state.table);
  const [left, top, width, height] = data.box;
  for (const canvas of root.querySelectorAll("canvas")) {
    if (canvas.width !== data.width) canvas.width = data.width;
    if (canvas.height !== data.height) canvas.height = data.height;
    const brush = canvas.getContext("2d");
    const over = canvas.dataset.over === "true";
    brush.globalAlpha = 1;
    if (over) brush.drawImage(state.photo, 0, 0, data.width, data.height);
    else {
      brush.fillStyle = "rgb(128,128,128)";
      brush.fillRect(0, 0, data.width, data.height);
    }
    brush.globalAlpha = over ? data.opacity : 1;
    brush.drawImage(
      state.small,
      left * data.width,
      top * data.height,
      width * data.width,
      height * data.height,
    );
    canvas.hidden = false;
  }
  const [least, most] = tellScale(low, high);
  for (const bar of root.querySelectorAll(".ends")) {
    bar.children[0].textContent = least;
    bar.children[1].textContent = `≥ ${most}`;
  }
  root.live = { sigma, values, low, high };
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".live");
  const state = (root.liveState ??= { small: document.createElement("canvas"), photo: new Image() });
  const slider = root.querySelector("input");
  const output = root.querySelector("output");
  if (state.packed !== data.raw) {
    state.packed = data.raw;
    state.raw = unpack(data.raw, data.peak);
  }
  if (state.stops !== data.table) {
    state.stops = data.table;
    state.table = decode(data.table);
  }
  if (state.photo.src !== data.plain) state.photo.src = data.plain;

  const figures = root.querySelectorAll("figure");
  data.pictures.forEach((picture, index) => {
    const figure = figures[index];
    const image = figure.querySelector("img");
    if (image.src !== picture.source) image.src = picture.source;
    image.alt = picture.alt;
    figure.querySelector("b").textContent = picture.title;
    figure.querySelector(".caption").textContent = picture.caption;
    const bar = figure.querySelector(".bar");
    if (bar) bar.style.background = `linear-gradient(to right, ${data.stops.join(",")})`;
    const ends = figure.querySelector(".ends");
    if (ends) {
      ends.children[0].textContent = data.low;
      ends.children[1].textContent = `≥ ${data.high}`;
    }
  });
  for (const canvas of root.querySelectorAll("canvas")) canvas.hidden = true;

  slider.max = data.most;
  slider.step = data.step;
  // A hand that has moved on since Python was told is newer than what comes back.
  if (!state.held) slider.value = data.sigma;
  output.textContent = slider.value;

  slider.oninput = () => {
    state.held = true;
    output.textContent = slider.value;
    if (state.asked) return;
    state.asked = requestAnimationFrame(() => {
      state.asked = null;
      render(root, state, data, Number(slider.value));
    });
  };
  slider.onchange = () => {
    state.held = false;
    setStateValue("sigma", Number(slider.value));
  };
}
