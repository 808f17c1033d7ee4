// A photo and maps over it, drawn of the payloads that pages/ui/payload.py has sent, as figures.py draws them.
// The blur is scipy.ndimage.gaussian_filter's: truncated at four sigma, the edge reflected.
const TRUNCATE = 4;

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

// What a sigma is called, as Python's describe_sigma() has it.
export function tellSigma(sigma) {
  return sigma ? `sigma ${sigma}` : "sigma 0 (as computed)";
}

// The least share of pixels that together hold half of a map, as Python's half_share() has it.
export function halfShare(values) {
  const sorted = Float32Array.from(values).sort();
  let total = 0;
  for (const value of sorted) total += value;
  if (total <= 0) return 0.5;
  let held = 0;
  let count = 0;
  while (held < total / 2) held += sorted[sorted.length - ++count];
  return count / sorted.length;
}

const GREY = 128; // of what the model does not see, see OUTSIDE_GREY and OUTSIDE_SHARE in figures.py
const DIMMED = 166 / 256;

function unpack(map) {
  const levels = new Uint16Array(map.bytes.buffer, map.bytes.byteOffset, map.side * map.side);
  return Float32Array.from(levels, (level) => (level / 65535) * map.peak);
}

// Values at the middle of each of so many pixels along one side: the two nearest, and the share of the second.
function places(count, side) {
  const below = new Int32Array(count);
  const above = new Int32Array(count);
  const share = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const at = Math.min(Math.max(((index + 0.5) * side) / count - 0.5, 0), side - 1);
    below[index] = Math.floor(at);
    above[index] = Math.min(below[index] + 1, side - 1);
    share[index] = at - below[index];
  }
  return { below, above, share };
}

// A map enlarged: bilinear, since that invents no value beyond those it interpolates.
export function enlarge(values, side, width, height) {
  const across = places(width, side);
  const down = places(height, side);
  const large = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const upper = down.below[row] * side;
    const lower = down.above[row] * side;
    const portion = down.share[row];
    for (let column = 0; column < width; column++) {
      const left = across.below[column];
      const right = across.above[column];
      const share = across.share[column];
      const top = values[upper + left] + share * (values[upper + right] - values[upper + left]);
      const bottom = values[lower + left] + share * (values[lower + right] - values[lower + left]);
      large[row * width + column] = top + portion * (bottom - top);
    }
  }
  return large;
}

// Enlarged values as colours: enlarged colours would not lie on the colour bar.
function paint(large, width, height, { low, high }, table) {
  const image = new ImageData(width, height);
  const factor = high > low ? 255 / (high - low) : 0;
  for (let index = 0; index < large.length; index++) {
    const shade = 3 * Math.floor(Math.min(Math.max((large[index] - low) * factor, 0), 255) + 0.5);
    image.data[4 * index] = table[shade];
    image.data[4 * index + 1] = table[shade + 1];
    image.data[4 * index + 2] = table[shade + 2];
    image.data[4 * index + 3] = 255;
  }
  return image;
}

// A line just within the border of where values lie above an edge.
function drawOutline(brush, large, width, height, edge, left, top, thick) {
  const line = new Path2D();
  const inside = (column, row) => large[row * width + column] > edge;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!inside(column, row)) continue;
      if (column && !inside(column - 1, row)) line.rect(left + column, top + row, thick, 1);
      if (column < width - 1 && !inside(column + 1, row)) line.rect(left + column + 1 - thick, top + row, thick, 1);
      if (row && !inside(column, row - 1)) line.rect(left + column, top + row, 1, thick);
      if (row < height - 1 && !inside(column, row + 1)) line.rect(left + column, top + row + 1 - thick, 1, thick);
    }
  }
  brush.fillStyle = "#fff";
  brush.fill(line);
}

// The value that `share` of all values lie above.
function edgeOf(values, share) {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) * (1 - share))];
}

function draw(canvas, figure, { data, photo, map, table, blurred, scale }) {
  const ratio = photo.width / photo.height;
  const width = Math.max(1, Math.round(canvas.clientWidth * Math.min(window.devicePixelRatio, 2)));
  const height = Math.max(1, Math.round(width / ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  const [left, top, across, down] = data.box;
  // Bars beside the photo are part of what the model sees, and lie outside of the picture.
  const [x, y] = [Math.round(left * width), Math.round(top * height)];
  const wide = Math.max(1, Math.round((left + across) * width) - x);
  const high = Math.max(1, Math.round((top + down) * height) - y);
  if (figure.kind !== "alone") brush.drawImage(photo.image, 0, 0, width, height);
  if (figure.kind !== "photo") {
    const large = enlarge(blurred, map.side, wide, high);
    const painted = document.createElement("canvas");
    painted.width = wide;
    painted.height = high;
    painted.getContext("2d").putImageData(paint(large, wide, high, scale, table), 0, 0);
    brush.globalAlpha = figure.kind === "over" ? data.opacity : 1;
    brush.drawImage(painted, x, y);
    brush.globalAlpha = 1;
    if (data.topShare) {
      drawOutline(brush, large, wide, high, edgeOf(blurred, data.topShare), x, y, Math.max(1, Math.round(width / 250)));
    }
  }
  brush.save();
  const outside = new Path2D();
  outside.rect(0, 0, width, height);
  outside.rect(x, y, wide, high);
  brush.clip(outside, "evenodd");
  brush.fillStyle = figure.kind === "alone" ? `rgb(${GREY},${GREY},${GREY})` : `rgba(${GREY},${GREY},${GREY},${DIMMED})`;
  brush.fillRect(0, 0, width, height);
  brush.restore();
  if (figure.kind === "photo" && (x > 0 || y > 0 || x + wide < width || y + high < height)) {
    brush.strokeStyle = "#fff";
    brush.lineWidth = Math.max(2, Math.round(width / 250));
    const half = brush.lineWidth / 2;
    brush.strokeRect(x + half, y + half, wide - brush.lineWidth, high - brush.lineWidth);
  }
}

function build(figure) {
  const element = document.createElement("figure");
  element.innerHTML =
    '<figcaption></figcaption><canvas role="img"></canvas><div class="scale"><div class="bar"></div>' +
    '<div class="ends"><span></span><span></span></div></div><p class="note"></p>';
  element.querySelector("figcaption").textContent = figure.title;
  element.querySelector(".note").textContent = figure.note;
  element.querySelector(".scale").hidden = figure.kind === "photo";
  return element;
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".maps");
  const state = (root.mapsState ??= { blurred: new Map() });
  const find = (selector) => root.querySelector(selector);
  const [slider, output, figures] = [find("input"), find("output"), find(".figures")];
  const live = data.slider;
  const described = JSON.stringify(data.figures);
  if (state.described !== described) {
    state.described = described;
    figures.replaceChildren(...data.figures.map(build));
  }
  figures.style.setProperty("--tallest", data.tallest);
  find(".control").hidden = !live;
  if (live) {
    slider.max = live.most;
    slider.step = live.step;
    // A hand that has moved on since Python was told is newer than what comes back.
    if (!state.held) slider.value = live.sigma;
  }
  state.table = data.table && Uint8Array.from(atob(data.table), (letter) => letter.charCodeAt(0));

  // What is drawn waits for its payloads, and until then stays as it is.
  async function take() {
    const payloads = window.payloads;
    const [photo, map] = [payloads?.get(data.photo), data.map && payloads?.get(data.map)];
    if (!photo || (data.map && !map)) return;
    photo.address ??= URL.createObjectURL(new Blob([photo.bytes], { type: "image/jpeg" }));
    photo.image ??= Object.assign(new Image(), { src: photo.address });
    if (!photo.image.complete || !photo.image.naturalWidth) await photo.image.decode();
    if (state.data !== data) return; // something newer has come meanwhile
    figures.style.setProperty("--ratio", photo.width / photo.height);
    if (map && state.map !== map) {
      state.map = map;
      state.raw = unpack(map);
      state.blurred.clear();
    }
    state.photo = photo;
    state.ready = data;
    render(true);
  }

  function blurBy(sigma) {
    if (state.blurred.has(sigma)) return state.blurred.get(sigma);
    const values = blur(state.raw, state.map.side, sigma);
    const kept = { values, scale: scaleOf(values, data.clippedShare) };
    if (state.blurred.size > 12) state.blurred.clear();
    state.blurred.set(sigma, kept);
    return kept;
  }

  function render(all) {
    const current = state.ready;
    if (!current) return;
    const sigmaOf = (figure) => figure.sigma ?? Number(slider.value);
    let shared = null;
    if (current.oneScale && current.map) {
      const scales = current.figures.filter(({ kind }) => kind !== "photo").map((figure) => blurBy(sigmaOf(figure)).scale);
      shared = {
        low: Math.min(...scales.map(({ low }) => low)),
        high: Math.max(...scales.map(({ high }) => high)),
      };
    }
    output.textContent = slider.value;
    current.figures.forEach((figure, index) => {
      const element = figures.children[index];
      const canvas = element.querySelector("canvas");
      if (figure.kind === "photo") {
        if (!all) return;
        canvas.setAttribute("aria-label", `${current.alt}. ${figure.note}`);
        if (element.isSeen) draw(canvas, figure, { data: current, photo: state.photo });
        element.dataset.drawn = current.photo;
        return;
      }
      const sigma = sigmaOf(figure);
      canvas.setAttribute(
        "aria-label",
        `Saliency map: ${current.caption} · ${tellSigma(sigma)}${figure.kind === "over" ? ", laid over the photo" : ""}`,
      );
      if (!element.isSeen) return;
      const { values, scale } = blurBy(sigma);
      draw(canvas, figure, {
        data: current,
        photo: state.photo,
        map: state.map,
        table: state.table,
        blurred: values,
        scale: shared ?? scale,
      });
      const { low, high } = shared ?? scale;
      const [least, most] = tellScale(low, high);
      const ends = element.querySelectorAll(".ends span");
      ends[0].textContent = least;
      ends[1].textContent = `≥ ${most}`;
      element.querySelector(".bar").style.background = `linear-gradient(to right, ${current.stops.join(",")})`;
      element.dataset.drawn = `${current.photo} ${current.map} ${sigma}`;
      if (figure.sigma == null) root.live = { sigma, values, low, high };
    });
    const told = live ? ` · ${tellSigma(Number(slider.value))}` : "";
    find(".caption").textContent = current.caption ? `${current.caption}${told}` : "";
    if (live) {
      const share = Math.max(1, Math.round(100 * halfShare(blurBy(Number(slider.value)).values)));
      find(".measured").textContent = `Half of this map lies on ${share}% of what the model sees.`;
    }
  }

  state.data = data;
  state.take = take;
  state.render = render;
  // Panels below the fold are drawn when they come near.
  state.seen ??= new IntersectionObserver(
    (entries) => {
      const appeared = entries.some(({ target, isIntersecting }) => isIntersecting && !target.isSeen);
      for (const { target, isIntersecting } of entries) target.isSeen = isIntersecting;
      if (appeared) state.render(true);
    },
    { rootMargin: "200px" },
  );
  state.sized ??= new ResizeObserver(() => {
    if (state.width !== figures.clientWidth) state.render(true);
    state.width = figures.clientWidth;
  });
  state.seen.disconnect();
  for (const element of figures.children) state.seen.observe(element);
  state.sized.observe(figures);
  state.arrived ??= () => state.take();
  window.addEventListener("payload", state.arrived);
  take();

  slider.oninput = () => {
    state.held = true;
    if (state.asked) return;
    state.asked = requestAnimationFrame(() => {
      state.asked = null;
      state.render(false);
    });
  };
  slider.onchange = () => {
    state.held = false;
    setStateValue("sigma", Number(slider.value));
  };

  return () => {
    window.removeEventListener("payload", state.arrived);
    state.seen.disconnect();
    state.sized.disconnect();
  };
}
