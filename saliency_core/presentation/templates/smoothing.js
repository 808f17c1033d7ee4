// What a browser needs to draw a map of any sigma by itself, as smoothing.py and figures.py do.
// The blur is scipy.ndimage.gaussian_filter's: truncated at four sigma, the edge reflected.
const TRUNCATE = 4;

function kernelOf(sigma) {
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

function blur(raw, side, sigma) {
  if (sigma <= 0) return Float32Array.from(raw);
  const weights = kernelOf(sigma);
  const between = new Float32Array(raw.length);
  const blurred = new Float32Array(raw.length);
  blurRows(raw, between, side, weights);
  blurRows(between, blurred, side, weights);
  return blurred;
}

// The sigma that is the same share of another frame's side, as Python's share_sigma() has it.
function shareSigma(sigma, side, other) {
  return Math.floor((100 * sigma * other) / side + 0.5) / 100;
}

// The values of a map, the least first; of one with signs, their magnitudes.
function sortMagnitudes(values, signed) {
  return (signed ? values.map(Math.abs) : Float32Array.from(values)).sort();
}

// The scale of one map, as Python's shared_scale() takes it.
// sorted: as sortMagnitudes() gives them.
function scaleOf(sorted, clippedShare, signed) {
  const place = (sorted.length - 1) * (1 - clippedShare);
  const below = Math.floor(place);
  const high = sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  return signed ? { low: -(high || 1), high: high || 1 } : { low: sorted[0], high };
}

// The ends of a scale in words, as Python's tell_scale() has them.
function tellScale(low, high) {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(high)));
  const shorten = (value) => String(Number(value.toPrecision(2))).replace(/e-(\d)$/, "e-0$1");
  const tell = (value) => (high < 1e-6 ? shorten(value) : value.toFixed(digits)).replace(/^-/, "−");
  return [tell(low), tell(high)];
}

// What stands below a colour bar, from left to right, as Python's tell_marks() has it.
function tellMarks({ low, high }) {
  const [least, most] = tellScale(low, high);
  return low < 0 ? [`≤ ${least}`, "0", `≥ ${most}`] : [least, `≥ ${most}`];
}

// A colour bar to people who cannot see it, as Python's describe_scale() has it.
// sides: what its two halves mean, of a scale with signs.
function describeScale({ low, high }, sides) {
  const [least, most] = tellScale(low, high);
  if (low >= 0) return `Colour scale from ${least} to ${most} and more`;
  const [left, right] = sides.map((side) => `, ${side}`);
  return `Colour scale from ${least} and less${left}, over 0 to ${most} and more${right}`;
}

// Words side by side in an element, each by itself.
function writeWords(element, words) {
  const spans = words.map((word) => Object.assign(document.createElement("span"), { textContent: word }));
  element.replaceChildren(...spans);
}

// What a sigma is called, as Python's describe_sigma() has it.
function tellSigma(sigma) {
  return sigma ? `sigma ${sigma}` : "sigma 0 (as computed)";
}

// A map as pack_map() packs it, with what that says of it.
function unpack(bytes, { side, peak, signed }) {
  const [Levels, most] = signed ? [Int16Array, 32767] : [Uint16Array, 65535];
  return Float32Array.from(new Levels(bytes.buffer, bytes.byteOffset, side * side), (level) => (level / most) * peak);
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
function enlarge(values, side, width, height) {
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

// A map enlarged and in colours, laid at its place on a canvas of so many pixels; returns that place in pixels, and the
// enlarged values. Bars beside a photo are part of what the model sees, and lie outside of the canvas.
// box: left, top, width and height of what the model sees, as shares of the photo.
function layMap(brush, width, height, box, values, side, scale, table, opacity) {
  const place = placeOf(box, width, height);
  const large = enlarge(values, side, place.width, place.height);
  const painted = document.createElement("canvas");
  painted.width = place.width;
  painted.height = place.height;
  painted.getContext("2d").putImageData(paint(large, place.width, place.height, scale, table), 0, 0);
  brush.globalAlpha = opacity;
  brush.drawImage(painted, place.left, place.top);
  brush.globalAlpha = 1;
  return { ...place, large };
}

// Where a box lies on a canvas, in pixels, at least one each way.
function placeOf([left, top, across, down], width, height) {
  const [x, y] = [Math.round(left * width), Math.round(top * height)];
  return {
    left: x,
    top: y,
    width: Math.max(1, Math.round((left + across) * width) - x),
    height: Math.max(1, Math.round((top + down) * height) - y),
  };
}
