// Streamlit adds an entry to the browser's history whenever the address changes. Here only a step does: another page,
// or another value of one of `steps`. Any other change, and a page's first link, is of the entry that is there.
function isStep(address, steps) {
  const [from, to] = [new URL(window.location.href), new URL(address, window.location.href)];
  if (from.pathname !== to.pathname) return true;
  return from.search !== "" && steps.some((name) => from.searchParams.get(name) !== to.searchParams.get(name));
}

export default function ({ data }) {
  const { history } = window;
  if (!history.stepsOnly) {
    const push = history.pushState.bind(history);
    history.pushState = (state, title, address) =>
      address == null || isStep(address, data.steps)
        ? push(state, title, address)
        : history.replaceState(state, title, address);
    history.stepsOnly = true;
    const link = `?${data.first}`;
    if (data.first && window.location.search !== link) history.replaceState({}, "", window.location.pathname + link);
  }
  if (data.cookie) {
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${data.cookie}; Path=/; SameSite=Strict${secure}`;
  }
}
