// A photo and maps over it, drawn of the payloads that pages/ui/payload.py has sent, as figures.py draws them.

// The least share of pixels that together hold half of a map, as Python's half_share() has it.
// sorted: of its magnitudes, the least first.
function halfShare(sorted) {
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

// Of what Python sends; all else is one for all photos.
const OF_PHOTO = ["photo", "alt", "box", "map", "caption", "sides", "reading", "half", "second", "each"];
const known = new Map(); // what Python sent for photos as they are when they are picked, by view and photo

// A line just within the border of where the values of a map that layMap() has laid are above an edge.
function drawOutline(brush, { large, left, top, width, height }, edge, thick, colour) {
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
  brush.fillStyle = colour;
  brush.fill(line);
}

// The value that `share` of all values lie above.
// sorted: the values, the least first.
function edgeOf(sorted, share) {
  return sorted[Math.floor((sorted.length - 1) * (1 - share))];
}

function draw(canvas, figure, { data, box, photo, map, table, blurred, sorted, scale }) {
  const ratio = photo.width / photo.height;
  const width = Math.max(1, Math.round(canvas.clientWidth * Math.min(window.devicePixelRatio, 2)));
  const height = Math.max(1, Math.round(width / ratio));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  const place = placeOf(box, width, height);
  if (figure.kind !== "alone") brush.drawImage(photo.image, 0, 0, width, height);
  if (figure.kind !== "photo") {
    const opacity = figure.kind === "over" ? data.opacity : 1;
    const laid = layMap(brush, width, height, box, blurred, map.side, scale, table, opacity);
    const thick = Math.max(1, Math.round(width / 250));
    // White is what a map with signs has at zero.
    if (data.topShare) drawOutline(brush, laid, edgeOf(sorted, data.topShare), thick, map.signed ? "#000" : "#fff");
  }
  brush.save();
  const outside = new Path2D();
  outside.rect(0, 0, width, height);
  outside.rect(place.left, place.top, place.width, place.height);
  brush.clip(outside, "evenodd");
  brush.fillStyle = figure.kind === "alone" ? `rgb(${GREY},${GREY},${GREY})` : `rgba(${GREY},${GREY},${GREY},${DIMMED})`;
  brush.fillRect(0, 0, width, height);
  brush.restore();
  const [right, bottom] = [place.left + place.width, place.top + place.height];
  if (figure.kind === "photo" && (place.left > 0 || place.top > 0 || right < width || bottom < height)) {
    brush.strokeStyle = "#fff";
    brush.lineWidth = Math.max(2, Math.round(width / 250));
    const half = brush.lineWidth / 2;
    const size = [place.width - brush.lineWidth, place.height - brush.lineWidth];
    brush.strokeRect(place.left + half, place.top + half, ...size);
  }
}

// The names of the maps that something is drawn of: of one model, of two, or of several methods.
function mapsOf({ map, second, each = [] }) {
  return [map, second?.map, ...each.map((own) => own.map)].filter(Boolean);
}

function build(figure) {
  const element = document.createElement("figure");
  element.innerHTML =
    '<figcaption></figcaption><canvas role="img"></canvas><div class="scale"><div class="bar"></div>' +
    '<div class="ends"></div><div class="sides"></div></div><p class="note"></p>';
  element.querySelector("figcaption").textContent = figure.title;
  element.querySelector(".note").textContent = figure.note;
  element.querySelector(".scale").hidden = figure.kind === "photo";
  return element;
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".maps");
  const state = (root.mapsState ??= { layers: new Map() });
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
  if (data.follows) Object.assign(slider, data.follows); // of another component's slider, which is seen

  // What is drawn waits for its payloads, and until then stays as it is.
  async function take() {
    const data = state.data;
    const payloads = window.payloads;
    const photo = payloads?.get(data.photo);
    const maps = mapsOf(data).map((name) => payloads?.get(name));
    if (!photo || maps.includes(undefined)) return;
    photo.image ??= Object.assign(new Image(), { src: photo.address });
    if (!photo.image.complete || !photo.image.naturalWidth) await photo.image.decode();
    if (state.data !== data) return; // something newer has come meanwhile
    figures.style.setProperty("--ratio", photo.width / photo.height);
    const read = (map) => ({ map, raw: (map.raw ??= unpack(map.bytes, map)), blurred: new Map() });
    state.layers = new Map(maps.map((map) => [map.name, state.layers.get(map.name) ?? read(map)]));
    state.photo = photo;
    state.ready = data;
    state.tables = data.colours?.map(({ table }) => Uint8Array.from(atob(table), (letter) => letter.charCodeAt(0)));
    if (live) render(true);
    else setTimeout(() => state.render(true)); // the map that is explored comes first
  }

  function blurBy(name, sigma) {
    const { map, raw, blurred } = state.layers.get(name);
    if (blurred.has(sigma)) return blurred.get(sigma);
    const values = blur(raw, map.side, sigma);
    const magnitudes = sortMagnitudes(values, map.signed);
    const sorted = map.signed ? Float32Array.from(values).sort() : magnitudes;
    const kept = { map, values, sorted, magnitudes, scale: scaleOf(magnitudes, data.clippedShare, map.signed) };
    if (blurred.size > 12) blurred.clear();
    blurred.set(sigma, kept);
    return kept;
  }

  function render(all) {
    const current = state.ready;
    if (!current) return;
    const { second, each } = current;
    const ownOf = (figure) => each?.[current.figures.indexOf(figure)];
    const modelOf = (figure) => {
      const own = ownOf(figure);
      if (own) return { ...current, ...own, caption: `${current.caption} · ${own.caption}` };
      return figure.second ? second : current;
    };
    const sigmaOf = (figure) => {
      const sigma = figure.sigma ?? Number(slider.value);
      return figure.second ? shareSigma(sigma, ...second.frames) : sigma;
    };
    let shared = null;
    if (current.oneScale && current.map) {
      const drawn = current.figures.filter(({ kind }) => kind !== "photo");
      const scales = drawn.map((figure) => blurBy(modelOf(figure).map, sigmaOf(figure)).scale);
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
        if (element.isSeen) draw(canvas, figure, { data: current, box: current.box, photo: state.photo });
        element.dataset.drawn = current.photo;
        return;
      }
      const [model, sigma] = [modelOf(figure), sigmaOf(figure)];
      const what = `${model.caption} · ${tellSigma(sigma)}`;
      canvas.setAttribute(
        "aria-label",
        `Saliency map: ${what}${figure.kind === "over" ? ", laid over the photo" : ""}`,
      );
      if (second || each) element.querySelector(".note").textContent = second ? what : ownOf(figure).caption;
      if (!element.isSeen) return;
      const { map, values, sorted, scale } = blurBy(model.map, sigma);
      const colours = map.signed ? 1 : 0; // those of maps with signs go second
      draw(canvas, figure, {
        data: current,
        box: model.box,
        photo: state.photo,
        map,
        table: state.tables[colours],
        blurred: values,
        sorted,
        scale: shared ?? scale,
      });
      const { low, high } = shared ?? scale;
      const bar = element.querySelector(".bar");
      bar.style.background = `linear-gradient(to right, ${current.colours[colours].stops.join(",")})`;
      bar.setAttribute("role", "img");
      bar.setAttribute("aria-label", describeScale({ low, high }, model.sides));
      writeWords(element.querySelector(".ends"), tellMarks({ low, high }));
      writeWords(element.querySelector(".sides"), model.sides);
      element.dataset.drawn = `${current.photo} ${model.map} ${sigma}`;
      if (figure.sigma == null && !figure.second) root.live = { sigma, values, low, high };
    });
    const told = live || each ? ` · ${tellSigma(Number(slider.value))}` : "";
    find(".caption").textContent = current.caption && !second ? `${current.caption}${told}` : "";
    find(".reading").textContent = current.reading ?? "";
    if (live) {
      const shareOf = (name, sigma) => Math.max(1, Math.round(100 * halfShare(blurBy(name, sigma).magnitudes)));
      const share = shareOf(current.map, Number(slider.value));
      find(".measured").textContent = second
        ? `Half of each map lies on ${share}% and ${shareOf(second.map, sigmaOf({ second: true }))}% of what its model sees.`
        : `${current.half} lies on ${share}% of what the model sees.`;
    }
  }

  state.data = state.sent = data;
  if (data.asPicked) known.set(`${data.view} ${data.photo}`, data);
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
  state.arrived ??= ({ detail }) => {
    if ([state.data.photo, ...mapsOf(state.data)].includes(detail)) state.take();
  };
  // A photo that has been here is drawn at once when it is picked, as Python then had it, and without waiting for what
  // Python says now.
  state.picked ??= ({ detail }) => {
    const of = detail === state.sent.photo ? state.sent : known.get(`${state.sent.view} ${detail}`);
    if (!of) return;
    state.data = { ...state.sent, ...Object.fromEntries(OF_PHOTO.map((name) => [name, of[name]])) };
    state.take();
  };
  window.addEventListener("payload", state.arrived);
  // A slider that is moved moves the maps of components that follow it; let go, it is told to their Python, too.
  state.tell = setStateValue;
  state.followed ??= ({ detail: { sigma, held } }) => {
    if (!state.data.follows) return;
    slider.value = sigma;
    state.render(false);
    // Later, since Streamlit does not take what two fragments say at once.
    if (!held) setTimeout(() => state.tell("sigma", sigma), 250);
  };
  window.addEventListener("photo", state.picked);
  window.addEventListener("sigma", state.followed);
  take();

  slider.oninput = () => {
    state.held = true;
    if (state.asked) return;
    state.asked = requestAnimationFrame(() => {
      state.asked = null;
      state.render(false);
      window.dispatchEvent(new CustomEvent("sigma", { detail: { sigma: Number(slider.value), held: true } }));
    });
  };
  slider.onchange = () => {
    state.held = false;
    setStateValue("sigma", Number(slider.value));
    window.dispatchEvent(new CustomEvent("sigma", { detail: { sigma: Number(slider.value), held: false } }));
  };

  return () => {
    window.removeEventListener("payload", state.arrived);
    window.removeEventListener("photo", state.picked);
    window.removeEventListener("sigma", state.followed);
    state.seen.disconnect();
    state.sized.disconnect();
  };
}
