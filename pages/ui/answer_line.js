// The answer line under the photo. While a region is moved it asks for the newest position only, and for the next
// once the last has been answered; positions in between are left out. The region picker tells of positions by the
// window's event "regions-moved", and hears of an answer that is late by "regions-unanswered".
const LATE = 1000; // milliseconds; a run of the whole page is then probably in the way
const LOST = 3000; // an answer that has not come by then never will

export default function ({ data, parentElement, setStateValue }) {
  const line = parentElement.querySelector(".answer-line");
  const state = (line.answerState ??= { asked: null, next: null, held: false, released: 0 });
  state.send = (position) => setStateValue("asked", position);
  state.follow ??= ({ detail: position }) => {
    const first = position.held && !state.held;
    state.held = position.held;
    if (!position.held) {
      // A region that is let go reruns the whole page, the answer included.
      state.released = position.at;
      expect(null);
    } else if (state.asked) state.next = position;
    else if (first && isRunning()) {
      expect(position);
      interrupt();
    } else ask(position);
  };
  window.addEventListener("regions-moved", state.follow);

  show();
  if (state.asked && data.at >= state.asked.at) proceed();

  function show() {
    const find = (selector) => line.querySelector(selector);
    find(".class b").textContent = data.name;
    find(".class span").textContent = data.told;
    find(".best").textContent = data.best;
    find(".bar").hidden = !data.name;
    find(".share").style.width = `${100 * data.share}%`;
    find(".mark").style.transform = `translateX(${100 * data.mark}%)`;
    // A screen reader is told what came of a move, not of everything on the way.
    const sentence = [data.name + data.told, data.best].filter(Boolean).join(" · ");
    const said = find(".said");
    if (!state.held && data.at >= state.released && said.textContent !== sentence) said.textContent = sentence;
  }

  // Streamlit says on the page whether it runs; where it should not, an interruption comes a little later.
  function isRunning() {
    const shown = document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
    return shown !== undefined && shown !== "notRunning";
  }

  // The region picker then has the whole page run, and the answer comes with that.
  function interrupt() {
    window.dispatchEvent(new CustomEvent("regions-unanswered"));
  }

  function expect(position) {
    clearTimeout(state.late);
    clearTimeout(state.lost);
    state.asked = position;
    state.next = null;
    if (position) state.lost = setTimeout(() => ask(state.next ?? position), LOST);
  }

  function ask(position) {
    expect(position);
    state.late = setTimeout(interrupt, LATE);
    state.send(position);
  }

  function proceed() {
    if (state.next) ask(state.next);
    else expect(null);
  }

  return () => {
    window.removeEventListener("regions-moved", state.follow);
    expect(null);
  };
}
