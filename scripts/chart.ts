// Line charts as SVG, for figures that are better seen than read. Both axes are logarithmic: a straight line of slope one is a
// cost that grows as its cause does, a level one is a cost that does not grow.

/** Points of one line; `x` and `y` are greater than 0. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Chart {
  readonly title: string;
  /** What the axes count, with the unit. */
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** A level that must not be passed. */
  readonly limit?: { readonly name: string; readonly y: number };
}

const size = { width: 640, height: 360 };
const margin = { left: 76, right: 24, top: 52, bottom: 52 };
/** Told apart by those who do not see red from green as well, on white and on black. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From the power of ten below the least value to the one above the greatest; halved where that leaves one decade alone. */
function scaleOf(values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const steps = high - low < 3 ? [1, 2, 5] : [1];
  const ticks = Array.from({ length: high - low }, (_, index) =>
    steps.map((step) => step * 10 ** (low + index)),
  ).flat();
  return {
    ticks: [...ticks, 10 ** high],
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const round = (value: number): string => String(Math.round(value * 10) / 10);

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

function grid({ x, y }: Scales): string[] {
  const bottom = size.height - margin.bottom;
  const right = size.width - margin.right;
  return [
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${round(x.at(tick))}" x2="${round(x.at(tick))}" y1="${margin.top}" y2="${bottom}"/><text x="${round(x.at(tick))}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${margin.left}" x2="${right}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}"/><text x="${margin.left - 8}" y="${round(y.at(tick) + 4)}" text-anchor="end">${tick}</text>`,
    ),
  ];
}

function line({ points }: Series, { x, y, colour }: Scales & { readonly colour: string }): string[] {
  const places = points.map((point) => ({ x: round(x.at(point.x)), y: round(y.at(point.y)) }));
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.map((place) => `${place.x},${place.y}`).join(' ')}"/>`,
    ...places.map((place) => `<circle cx="${place.x}" cy="${place.y}" r="3.5" fill="${colour}"/>`),
  ];
}

const legend = (series: readonly Series[]): string[] =>
  series.map(
    ({ name }, index) =>
      `<circle cx="${margin.left + 6 + index * 180}" cy="38" r="4" fill="${colours[index % colours.length]}"/><text x="${margin.left + 16 + index * 180}" y="42">${escaped(name)}</text>`,
  );

function limitLine({ limit }: Chart, { y }: Scales): string[] {
  if (limit === undefined) return [];
  const at = round(y.at(limit.y));
  const right = size.width - margin.right;
  return [
    `<line x1="${margin.left}" x2="${right}" y1="${at}" y2="${at}" stroke="#888" stroke-dasharray="6 4"/>`,
    `<text x="${right}" y="${round(y.at(limit.y) - 5)}" text-anchor="end">${escaped(limit.name)}</text>`,
  ];
}

/** The chart as the text of an SVG file that is legible on light and on dark pages. */
export function drawChart(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points);
  const levels = [...points.map(({ y }) => y), ...(chart.limit === undefined ? [] : [chart.limit.y])];
  const bottom = size.height - margin.bottom;
  const scales = {
    x: scaleOf(
      points.map(({ x }) => x),
      [margin.left, size.width - margin.right],
    ),
    y: scaleOf(levels, [bottom, margin.top]),
  };
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(chart.title)}">`,
    '<style>text{font:12px sans-serif;fill:#222}.grid{stroke:#ddd}.page{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.page{fill:#111}}</style>',
    `<rect class="page" width="${size.width}" height="${size.height}"/>`,
    `<text x="${margin.left}" y="22" font-weight="bold">${escaped(chart.title)}</text>`,
    ...legend(chart.series),
    ...grid(scales),
    ...limitLine(chart, scales),
    ...chart.series.flatMap((series, index) =>
      line(series, { ...scales, colour: colours[index % colours.length] ?? '' }),
    ),
    `<text x="${(margin.left + size.width - margin.right) / 2}" y="${size.height - 12}" text-anchor="middle">${escaped(chart.x)}</text>`,
    `<text transform="translate(16 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(chart.y)}</text>`,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}
