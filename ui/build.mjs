// Bundles the screens' styles and scripts into static/dist, under names that carry a hash of their content.
//
// The server reads static/dist/manifest.json (entry -> file name) and static/dist/icons.json (icon name ->
// SVG shapes). A name with a hash never changes its content, so browsers may keep it for ever.
// A new entry point is one line in `entryPoints`.
import { build, context } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "static", "dist");

const entryPoints = {
  theme: "src/theme.ts", // runs before the first paint, so it stays tiny
  main: "src/main.ts", // the shell and the lists: on every page
  import: "src/import/page.ts",
  board: "src/board/page.ts", // boards and calendars
  studio: "src/studio/arrange.ts", // the form editor
  styles: "src/styles/main.css",
};

const options = {
  absWorkingDir: here,
  entryPoints,
  outdir: dist,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  metafile: true,
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  format: "iife",
  legalComments: "eof",
  logLevel: "warning",
  plugins: [{ name: "manifest", setup: (hook) => hook.onEnd((result) => result.metafile && finish(result.metafile)) }],
};

async function finish(metafile) {
  const manifest = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const entry = Object.keys(entryPoints).find((name) => entryPoints[name] === output.entryPoint);
    manifest[entry] = basename(file);
    const content = await readFile(join(here, file));
    await writeFile(join(here, `${file}.gz`), gzipSync(content, { level: 9 }));
  }
  await writeFile(join(dist, "icons.json"), JSON.stringify(await icons()));
  await writeFile(join(dist, "manifest.json"), JSON.stringify(manifest, null, 1));
}

async function icons() {
  const nodes = JSON.parse(await readFile(join(here, "node_modules/@tabler/icons/tabler-nodes-outline.json"), "utf8"));
  const element = ([tag, attributes]) =>
    `<${tag} ${Object.entries(attributes).map(([key, value]) => `${key}="${value}"`).join(" ")}/>`;
  return Object.fromEntries(Object.entries(nodes).map(([name, shapes]) => [name, shapes.map(element).join("")]));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
