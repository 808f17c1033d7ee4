// Rectangles on a photo: draw with the pointer; move, resize, delete with pointer or keyboard.
// Coordinates are shares of the photo's width and height, so they hold at any size on screen.
// Where the rectangles are is told to the answer line at once, by the window's event "regions-moved", and to Python
// once they are let go; before that only if the answer line says that a run of the page keeps it from answering:
// Python then interrupts that run.
const LEAST = 0.01;
const STEP = 0.01;
const PATIENCE = 2000; // milliseconds between two interruptions by one move, so that a busy server gets no busier
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export default function ({ data, parentElement, setStateValue }) {
  const stage = parentElement.querySelector(".stage");
  const image = stage.querySelector("img");
  const layer = stage.querySelector(".layer");
  const state = (stage.regionState ??= { version: null, regions: [], position: null, interrupted: -Infinity });
  const noun = data.noun;

  const showPhoto = () => {
    const photo = window.payloads?.get(data.photo);
    if (!photo) return;
    if (image.src !== photo.address) image.src = photo.address;
  };
  showPhoto();
  window.addEventListener("payload", showPhoto);
  image.alt = data.alt;
  const seen = stage.querySelector(".seen");
  place(seen, Object.fromEntries(["left", "top", "width", "height"].map((name, index) => [name, data.box[index]])));
  seen.hidden = data.box[0] <= 0 && data.box[1] <= 0 && data.box[2] >= 1 && data.box[3] >= 1;
  stage.style.setProperty("--shape", `${data.width} / ${data.height}`);
  stage.style.maxWidth = `calc(${data.tallest} * ${data.width / data.height})`;
  // Python counts the version up when it replaces the drawing (a preset, clear, another photo);
  // otherwise what is drawn here is newer than what comes back from Python.
  if (state.version !== data.version) {
    state.version = data.version;
    state.position = null;
    state.regions = data.regions.map((region) => ({ ...region }));
    render();
  }

  state.send = (position) => setStateValue("drawn", position);
  state.interrupt ??= () => {
    if (!state.position?.held || performance.now() - state.interrupted < PATIENCE) return;
    state.interrupted = performance.now();
    state.send(state.position);
  };
  window.addEventListener("regions-unanswered", state.interrupt);

  function tell(regions, held) {
    state.position = {
      version: state.version,
      at: performance.now(),
      regions: regions.map((region) => ({ ...region })),
      held,
    };
    window.dispatchEvent(new CustomEvent("regions-moved", { detail: state.position }));
  }

  function commit() {
    clearTimeout(state.pause);
    state.interrupted = -Infinity;
    tell(state.regions, false);
    // Streamlit makes one run of what it is told at once, and a fragment's if one part comes from there, as does what
    // the answer line asked last. That has to be on its way first.
    const { position } = state;
    setTimeout(() => state.send(position), 10);
  }

  function commitMoved() {
    if (state.position?.held) commit();
  }

  function place(element, region) {
    element.style.left = `${100 * region.left}%`;
    element.style.top = `${100 * region.top}%`;
    element.style.width = `${100 * region.width}%`;
    element.style.height = `${100 * region.height}%`;
  }

  function render(focused = -1) {
    layer.replaceChildren(
      ...state.regions.map((region, index) => {
        const element = document.createElement("div");
        element.className = "region";
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute(
          "aria-label",
          `${noun} ${index + 1} of ${state.regions.length}: arrow keys move it, with Shift resize it, Delete removes it`,
        );
        const corner = document.createElement("span");
        corner.className = "corner";
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.title = `Remove ${noun.toLowerCase()} ${index + 1}`;
        remove.setAttribute("aria-label", remove.title);
        remove.onclick = (event) => {
          state.regions.splice(index, 1);
          // A key press on the button counts no clicks; its focus must not be lost with the button.
          render(event.detail ? -1 : Math.min(index, state.regions.length - 1));
          commit();
        };
        remove.onpointerdown = (event) => event.stopPropagation();
        corner.onpointerdown = (event) => drag(event, element, region, resize);
        element.onpointerdown = (event) => drag(event, element, region, move);
        element.onkeydown = (event) => press(event, index, element, region);
        element.append(corner, remove);
        place(element, region);
        return element;
      }),
    );
    if (focused >= 0) layer.children[focused]?.focus();
  }

  const move = (region, start, across, down) => {
    region.left = clamp(start.left + across, 0, 1 - region.width);
    region.top = clamp(start.top + down, 0, 1 - region.height);
  };
  const resize = (region, start, across, down) => {
    region.width = clamp(start.width + across, LEAST, 1 - region.left);
    region.height = clamp(start.height + down, LEAST, 1 - region.top);
  };

  function press(event, index, element, region) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Delete" || event.key === "Backspace") {
      state.regions.splice(index, 1);
      render(Math.min(index, state.regions.length - 1));
    } else if (event.key in arrows) {
      const [across, down] = arrows[event.key];
      (event.shiftKey ? resize : move)(region, { ...region }, STEP * across, STEP * down);
      place(element, region);
    } else return;
    event.preventDefault();
    tell(state.regions, true);
    clearTimeout(state.pause);
    state.pause = setTimeout(commit, 350);
  }

  function drag(event, element, region, change) {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    element.focus();
    const bounds = stage.getBoundingClientRect();
    const start = { ...region };
    follow(event, (now) => {
      const before = { ...region };
      change(
        region,
        start,
        (now.clientX - event.clientX) / bounds.width,
        (now.clientY - event.clientY) / bounds.height,
      );
      if (Object.keys(before).every((key) => before[key] === region[key])) return;
      place(element, region);
      tell(state.regions, true);
    }, commitMoved);
  }

  function follow(event, onMove, onEnd, onCancel = onEnd) {
    const target = event.currentTarget;
    clearTimeout(state.pause);
    target.setPointerCapture(event.pointerId);
    const stop = (done) => () => {
      target.onpointermove = target.onpointerup = target.onpointercancel = null;
      done();
    };
    target.onpointermove = onMove;
    target.onpointerup = stop(onEnd);
    target.onpointercancel = stop(onCancel);
  }

  stage.onpointerdown = (event) => {
    if (event.button || event.target.closest(".region")) return;
    event.preventDefault();
    const bounds = stage.getBoundingClientRect();
    const share = (now) => [
      clamp((now.clientX - bounds.left) / bounds.width, 0, 1),
      clamp((now.clientY - bounds.top) / bounds.height, 0, 1),
    ];
    const [startX, startY] = share(event);
    const region = { left: startX, top: startY, width: 0, height: 0 };
    const ghost = document.createElement("div");
    ghost.className = "region";
    layer.append(ghost);
    const largeEnough = () => region.width >= LEAST && region.height >= LEAST;
    const drop = () => {
      render();
      commitMoved();
    };
    follow(event, (now) => {
      const [x, y] = share(now);
      region.left = Math.min(x, startX);
      region.top = Math.min(y, startY);
      region.width = Math.abs(x - startX);
      region.height = Math.abs(y - startY);
      place(ghost, region);
      if (largeEnough()) tell([...state.regions, region], true);
      else if (state.position?.held) tell(state.regions, true);
    }, () => {
      if (!largeEnough()) return drop();
      state.regions.push(region);
      render(state.regions.length - 1);
      commit();
    }, drop);
  };

  return () => {
    window.removeEventListener("regions-unanswered", state.interrupt);
    window.removeEventListener("payload", showPhoto);
    clearTimeout(state.pause);
  };
}
