// The map of a slider's sigma, drawn in the browser while the hand moves; at rest, Python's pictures.
// The blur is scipy.ndimage.gaussian_filter's: truncated at four sigma, the edge reflected.
const TRUNCATE = 4;

const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export function kernelOf(sigma) {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = new Float64Array(radius + 1);
  let sum = 0;
  for (let offset = 0; offset <= radius; offset++) {
    weights[offset] = Math.exp((-0.5 * offset * offset) / (sigma * sigma));
    sum += offset ? 2 * weights[offset] : weights[offset];
  }
  return weights.map((weight) => weight / sum);
}

// Blurs along rows and writes the transpose, so that two calls blur both ways.
function blurRows(source, target, side, weights) {
  const radius = weights.length - 1;
  const padded = new Float64Array(side + 2 * radius);
  for (let row = 0; row < side; row++) {
    const start = row * side;
    for (let at = -radius; at < side + radius; at++) {
      let from = ((at % (2 * side)) + 2 * side) % (2 * side);
      if (from >= side) from = 2 * side - 1 - from;
      padded[at + radius] = source[start + from];
    }
    for (let column = 0; column < side; column++) {
      const centre = column + radius;
      let total = weights[0] * padded[centre];
      for (let offset = 1; offset <= radius; offset++) {
        total += weights[offset] * (padded[centre - offset] + padded[centre + offset]);
      }
      target[column * side + row] = total;
    }
  }
}

export function blur(raw, side, sigma) {
  if (sigma <= 0) return Float32Array.from(raw);
  const weights = kernelOf(sigma);
  const between = new Float32Array(raw.length);
  const blurred = new Float32Array(raw.length);
  blurRows(raw, between, side, weights);
  blurRows(between, blurred, side, weights);
  return blurred;
}

// The scale of one map, as Python's shared_scale() takes it.
export function scaleOf(values, clippedShare) {
  const sorted = Float32Array.from(values).sort();
  const place = (sorted.length - 1) * (1 - clippedShare);
  const below = Math.floor(place);
  const high = sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  return { low: sorted[0], high };
}

// The ends of a scale in words, as Python's tell_scale() has them.
export function tellScale(low, high) {
  if (high < 1e-4) return [low.toPrecision(2), high.toPrecision(2)];
  const digits = Math.max(0, 1 - Math.floor(Math.log10(high)));
  return [low.toFixed(digits), high.toFixed(digits)];
}

function unpack(data) {
  const levels = new Uint16Array(decode(data.raw).buffer);
  return Float32Array.from(levels, (level) => (level / 65535) * data.peak);
}

function render(root, state, data, sigma) {
  const { side } = data;
  const values = blur(state.raw, side, sigma);
  const { low, high } = scaleOf(values, data.clippedShare);
  const span = high - low;
  const image = new ImageData(side, side);
  for (let index = 0; index < values.length; index++) {
    const share = span > 0 ? Math.min(Math.max((values[index] - low) / span, 0), 1) : 0;
    const colour = 3 * Math.round(255 * share);
    image.data[4 * index] = state.table[colour];
    image.data[4 * index + 1] = state.table[colour + 1];
    image.data[4 * index + 2] = state.table[colour + 2];
    image.data[4 * index + 3] = 255;
  }
  state.small.width = state.small.height = side;
  state.small.getContext("2d").putImageData(image, 0, 0);
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
    state.raw = unpack(data);
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
