// The report's slider: photo and map, drawn anew for each sigma by the functions of smoothing.js.
{
  const find = (selector) => document.querySelector(selector);
  const data = JSON.parse(find("#map").textContent);
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const [raw, table] = [unpack(bytesOf(data.raw), data), bytesOf(data.table)];
  const [live, slider] = [find(".live"), find("#sigma")];
  const photo = find(".pictures img");
  let asked = null;

  function draw(canvas, values, scale) {
    const [width, height] = [photo.naturalWidth, photo.naturalHeight];
    [canvas.width, canvas.height] = [width, height];
    const brush = canvas.getContext("2d");
    brush.fillStyle = "rgb(128,128,128)";
    brush.fillRect(0, 0, width, height);
    if (canvas.dataset.over) brush.drawImage(photo, 0, 0);
    layMap(brush, width, height, data.box, values, data.side, scale, table, canvas.dataset.over ? data.opacity : 1);
  }

  function render() {
    asked = null;
    const sigma = Number(slider.value);
    const values = blur(raw, data.side, sigma);
    const scale = scaleOf(sortMagnitudes(values, data.signed), data.clippedShare, data.signed);
    const told = `${data.told} · ${tellSigma(sigma)}`;
    find("#shown").textContent = slider.value;
    find("#told").textContent = told;
    for (const canvas of live.querySelectorAll("canvas")) {
      draw(canvas, values, scale);
      canvas.setAttribute("aria-label", `Saliency map: ${told}${canvas.dataset.over ? ", laid over the photo" : ""}`);
    }
    for (const bar of live.querySelectorAll(".colour-bar")) {
      bar.setAttribute("aria-label", describeScale(scale, data.sides));
      writeWords(bar.querySelector(".marks"), tellMarks(scale));
    }
    live.drawn = { sigma, values, ...scale };
  }

  slider.oninput = () => (asked ??= requestAnimationFrame(render));
  photo.decode().then(() => {
    live.hidden = false;
    render();
  });
}
