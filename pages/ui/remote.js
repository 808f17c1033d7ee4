// A remote's keys press the page's own buttons. Nothing happens while somebody types or moves a slider, and Escape
// first closes what is open.
const OPEN = "[role=dialog], [role=listbox], [role=menu], [data-baseweb=popover], [data-testid=stPopoverBody]";
const TYPED = [
  "input:not([type=radio]):not([type=checkbox]):not([type=button])",
  "textarea",
  "select",
  "[contenteditable]:not([contenteditable=false])",
  "[role=slider]",
  "[role=combobox]",
  "[role=listbox]",
].join();

const listeners = new WeakMap();

function listen(keys) {
  let open = false;
  // Before anybody closes what is open, and after everybody else had the key.
  const look = () => {
    open = document.querySelector(OPEN) !== null;
  };
  const press = (event) => {
    const name = keys[event.key];
    if (!name || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Escape" && open) return;
    const [focused] = event.composedPath();
    if (focused instanceof Element && focused.closest(TYPED)) return;
    const button = document.querySelector(`.st-key-${name} button`);
    if (!button) return;
    event.preventDefault();
    if (!event.repeat) button.click();
  };
  document.addEventListener("keydown", look, true);
  document.addEventListener("keydown", press);
  return () => {
    document.removeEventListener("keydown", look, true);
    document.removeEventListener("keydown", press);
  };
}

export default function ({ data, parentElement }) {
  listeners.get(parentElement)?.();
  listeners.set(parentElement, listen(data));
  return () => {
    listeners.get(parentElement)?.();
    listeners.delete(parentElement);
  };
}
