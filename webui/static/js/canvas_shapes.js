// Shapes drawn on a canvas.

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} across The horizontal radius.
 * @param {number} up The vertical radius.
 * @param {string} fill
 */
export function ellipse(pen, x, y, across, up, fill, stroke = "", width = 1) {
  pen.beginPath();
  pen.ellipse(x, y, across, up, 0, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
  if (!stroke) return;
  pen.strokeStyle = stroke;
  pen.lineWidth = width;
  pen.stroke();
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} colour
 */
export function triangle(pen, x, y, radius, colour) {
  pen.beginPath();
  pen.moveTo(x, y - radius * 0.7);
  pen.lineTo(x + radius, y + radius * 0.35);
  pen.lineTo(x - radius, y + radius * 0.35);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = "#fff";
  pen.lineWidth = 2;
  pen.stroke();
}
