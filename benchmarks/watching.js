// When a picture appears or changes, told by the page itself: window.watching.
// A picture counts once it was decoded, or drawn by the page itself, and a frame was drawn after that.
(() => {
  const PATIENCE = 120_000;

  // Components draw below shadow roots of their own.
  const rootsOf = (root) =>
    [root].concat([...root.querySelectorAll("*")].flatMap((each) => (each.shadowRoot ? rootsOf(each.shadowRoot) : [])));

  const findIn = (roots, { selector, words }) => {
    for (const root of roots) {
      for (const element of root.querySelectorAll(selector)) {
        const image = element.tagName === "IMG" ? element : element.querySelector("img");
        const source = element.dataset.drawn ?? image?.src;
        if (source && element.getClientRects().length && element.textContent.includes(words)) return { image, source };
      }
    }
    return null;
  };

  // Resolves to performance.now() once done(found) holds and what was found is on screen.
  const wait = (what, done) =>
    new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("the picture did not come")), PATIENCE);
      const look = () => {
        const roots = rootsOf(document);
        for (const root of roots) observer.observe(root, { subtree: true, childList: true, attributes: true });
        const found = findIn(roots, what);
        if (!found || !done(found)) return;
        observer.disconnect();
        const shown = () => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        if (found.image) found.image.decode().then(shown, shown);
        else shown();
      };
      const observer = new MutationObserver(look);
      look();
    });

  window.watching = {
    // Milliseconds since the epoch at which the first such picture was on screen.
    first: (what) => wait(what, () => true).then((now) => performance.timeOrigin + now),
    // window.watching.change resolves to the milliseconds from the next such event until another picture is there.
    arm: (what, event) => {
      const before = findIn(rootsOf(document), what);
      let start;
      addEventListener(event, () => (start ??= performance.now()), { capture: true, once: true });
      const another = ({ source }) => start !== undefined && source !== before?.source;
      window.watching.change = wait(what, another).then((now) => now - start);
    },
    // Moves the slider of a map that the page draws itself a step before each of so many frames, to and fro.
    // Resolves to frames a second: those in which the map was drawn anew, and all of them.
    drag: (frames) =>
      new Promise((resolve) => {
        const live = rootsOf(document).map((root) => root.querySelector(".maps")).find((each) => each);
        const slider = live.querySelector("input");
        const [least, most, step] = [slider.min, slider.max, slider.step].map(Number);
        let [last, redrawn, all, way] = [live.live, 0, -1, step];
        let start;
        const frame = (now) => {
          start ??= now;
          all += 1;
          if (live.live !== last) redrawn += 1;
          last = live.live;
          if (all === frames) {
            slider.dispatchEvent(new Event("change", { bubbles: true }));
            const seconds = (now - start) / 1000;
            resolve({ redrawn: redrawn / seconds, all: all / seconds });
            return;
          }
          const value = Number(slider.value);
          if (value + way > most || value + way < least) way = -way;
          slider.value = value + way;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    // Moves the region that the mouse holds before each frame, to and fro, for so many milliseconds. Then
    // window.watching.answers resolves to the answers a second that the line below the photo showed meanwhile.
    move: (milliseconds) => {
      const roots = rootsOf(document);
      const find = (selector) => roots.map((root) => root.querySelector(selector)).find((each) => each);
      const [region, line] = [find(".region"), find(".answer-line .seen")];
      const read = () => line.textContent + line.querySelector(".share").style.width;
      let [last, answers] = [read(), 0];
      const observer = new MutationObserver(() => {
        if (read() !== last) answers += 1;
        last = read();
      });
      observer.observe(line, { subtree: true, childList: true, attributes: true });
      const { x, y } = region.getBoundingClientRect();
      window.watching.answers = new Promise((resolve) => {
        const start = performance.now();
        const frame = (now) => {
          const turn = Math.max(0, now - start) / 1000;
          const [clientX, clientY] = [x + 40 * Math.sin(2 * turn), y + 150 * Math.sin(turn)];
          region.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
          if (now - start < milliseconds) return requestAnimationFrame(frame);
          observer.disconnect();
          return resolve((1000 * answers) / (now - start));
        };
        requestAnimationFrame(frame);
      });
    },
  };
})();
