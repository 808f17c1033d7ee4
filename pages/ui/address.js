// Streamlit adds an entry to the browser's history whenever the address changes. Here only a step does: another page,
// or another value of one of `steps`. Any other change, and a page's first link, is of the entry that is there. Before
// Streamlit goes to another page by itself it takes the link away from the page it leaves; there it stays.

// Whether a link has what a page's link has to have, and nothing else. While a page opens, its link may come before its
// path does; it comes again with the path.
function isOf(address, pages) {
  const page = address.pathname.split("/").pop();
  const { always, sometimes } = pages[page] ?? pages[""];
  const names = [...address.searchParams.keys()].filter((name) => !name.startsWith("embed"));
  return always.every((name) => names.includes(name)) && names.every((name) => [...always, ...sometimes].includes(name));
}

function changeOf(address, { steps, pages }) {
  const [from, to] = [new URL(window.location.href), new URL(address, window.location.href)];
  if (from.pathname !== to.pathname) return "step";
  if (to.search !== "" && !isOf(to, pages)) return "nothing";
  const [before, after] = [from, to].map((each) => steps.map((name) => each.searchParams.get(name)));
  if (to.search === "" && before.some((value) => value !== null)) return "nothing";
  return from.search !== "" && before.some((value, index) => value !== after[index]) ? "step" : "part";
}

function keepEntries(history, data) {
  const [push, replace] = [history.pushState.bind(history), history.replaceState.bind(history)];
  const isLost = watchSteps();
  history.pushState = (state, title, address) => {
    const change = address == null ? "step" : changeOf(address, data);
    if (isLost(change)) return;
    if (change === "step") push(state, title, address);
    else if (change === "part") replace(state, title, address);
  };
  history.replaceState = (state, title, address) => {
    if (address == null || !isLost(changeOf(address, data))) replace(state, title, address);
  };
}

// Where other messages follow a step back or forward at once, Streamlit (1.67) forgets that it was one, and writes an
// address that was left, or the path of one with what another says. That is not taken over, and the step is asked for
// again: each message that is still under way may overtake it once more, so a few times at most.
const MOST_ASKED = 4;

function watchSteps() {
  let led = null; // the address that a step led to, until the person does something
  let asked = 0;
  let again = false;
  window.addEventListener("popstate", () => {
    asked = again ? asked + 1 : 0;
    again = false;
    led = asked < MOST_ASKED ? window.location.href : null;
  });
  for (const act of ["pointerdown", "keydown"]) window.addEventListener(act, () => (led = null), true);
  return (change) => {
    const lost = change === "step" && led === window.location.href;
    if (lost && !again) {
      again = true;
      setTimeout(() => window.dispatchEvent(new PopStateEvent("popstate")));
    }
    return lost;
  };
}

export default function ({ data }) {
  const { history, location } = window;
  if (!history.entriesKept) {
    history.entriesKept = true;
    keepEntries(history, data);
    const link = `?${data.first}`;
    if (data.first && location.search !== link) history.replaceState({}, "", location.pathname + link);
  }
  if (data.cookie) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${data.cookie}; Path=/; SameSite=Strict${secure}`;
  }
}
