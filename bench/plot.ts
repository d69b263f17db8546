import type { Plot } from "./report.ts";

const size = { width: 720, height: 400, left: 64, right: 160, top: 40, bottom: 48 };
/** Of lines in order, told apart without colours too: the second half is dashed. */
const colours = ["#0b6e99", "#d9730d", "#0f7b6c", "#ad1a72", "#6940a5", "#9b6a00"];

/** A drawing of the plot: an SVG document that refers to nothing outside of itself and reads on light and dark pages. */
export function asSvg({ title, x, y, lines }: Plot): string {
  const right = size.width - size.right;
  const bottom = size.height - size.bottom;
  const mostX = Math.max(...x);
  const step = niceStep(Math.max(...lines.flatMap(({ values }) => values)) / 5);
  const mostY = step * Math.ceil(Math.max(...lines.flatMap(({ values }) => values)) / step);
  const atX = (value: number) => round(size.left + (value / mostX) * (right - size.left));
  const atY = (value: number) => round(bottom - (value / mostY) * (bottom - size.top));
  const ticks = Array.from({ length: Math.round(mostY / step) + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#ffffff"/>`,
    text({ x: size.left, y: 22, anchor: "start" }, title, ' font-size="15"'),
    ...ticks.flatMap((value) => [
      `<line x1="${size.left}" y1="${atY(value)}" x2="${right}" y2="${atY(value)}" stroke="#dddddd"/>`,
      text({ x: size.left - 8, y: atY(value) + 4, anchor: "end" }, String(round(value))),
    ]),
    ...x.map((value) => text({ x: atX(value), y: bottom + 18, anchor: "middle" }, String(value))),
    text({ x: (size.left + right) / 2, y: size.height - 8, anchor: "middle" }, "hosts"),
    text({ x: 16, y: size.top - 8, anchor: "start" }, y, ' font-size="11"'),
    ...lines.flatMap(({ label, values }, index) => {
      const colour = colours[index % colours.length] ?? "#000000";
      const dash = index >= lines.length / 2 ? ' stroke-dasharray="6 4"' : "";
      const points = values.map((value, place) => `${atX(x[place] ?? 0)},${atY(value)}`);
      const keyY = size.top + 10 + index * 22;
      return [
        `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
        ...values.map(
          (value, place) => `<circle cx="${atX(x[place] ?? 0)}" cy="${atY(value)}" r="3" fill="${colour}"/>`,
        ),
        `<line x1="${right + 16}" y1="${keyY}" x2="${right + 46}" y2="${keyY}" stroke="${colour}" stroke-width="2"${dash}/>`,
        text({ x: right + 54, y: keyY + 4, anchor: "start" }, label),
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}

function text(
  { x, y, anchor }: { readonly x: number; readonly y: number; readonly anchor: "start" | "middle" | "end" },
  content: string,
  more = "",
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#333333"${more}>${escaped(content)}</text>`;
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
