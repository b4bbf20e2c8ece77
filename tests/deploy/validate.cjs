// Holds documents against the schemas of their owners, with packages of npm.
//
//   node validate.cjs NODE_MODULES_PARENT operators < resources.json     KEDA's and the Prometheus operator's resources
//   node validate.cjs NODE_MODULES_PARENT asyncapi FILE
//   node validate.cjs NODE_MODULES_PARENT grafana FILE...                                dashboards and the options of their panels
//
// Prints what is wrong and ends with 1; "N valid" otherwise. Ends with 77 when the packages are not there.

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const [parent, mode, ...files] = process.argv.slice(2);
const modules = path.resolve(parent, 'node_modules');
const need = (name) => {
  if (fs.existsSync(path.join(modules, name))) return path.join(modules, name);
  console.log(`skipped: ${name} is not installed (deploy/test.sh does it, where its registry can be reached)`);
  process.exit(77);
};
const load = async (name, file) => {
  need(name);
  return import(pathToFileURL(path.join(modules, name, file)));
};

async function operators() {
  const packages = {
    'keda.sh': '@kubernetes-models/keda',
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  };
  let valid = 0;
  for (const resource of JSON.parse(fs.readFileSync(0, 'utf8'))) {
    const [group, version] = resource.apiVersion.split('/');
    if (!(group in packages)) continue;
    const model = (await load(packages[group], `${group}/${version}/${resource.kind}.js`))[resource.kind];
    try {
      new model(resource).validate();
      ++valid;
    } catch (error) {
      console.log(`${resource.kind} ${resource.metadata.name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  console.log(`${valid} valid`);
}

async function asyncapi() {
  const { Parser, fromFile } = (await load('@asyncapi/parser', 'cjs/index.js')).default;
  const { document, diagnostics } = await fromFile(new Parser(), files[0]).parse();
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 0);
  for (const error of errors) console.log(`${error.path.join('.')}: ${error.message}`);
  if (errors.length > 0 || !document) process.exitCode = 1;
  else console.log(`${document.channels().all().length} channels valid`);
}

// Grafana publishes what its dashboards are as types of TypeScript, so that its compiler is the validator: unknown members,
// missing ones and values that are none of an enumeration are errors.
async function grafana() {
  const types = path.join(need('@grafana/schema'), 'dist/types');
  const typescript = (await load('typescript', 'lib/typescript.js')).default;
  const kinds = ['heatmap', 'stat', 'table', 'timeseries'];
  const lines = [
    `import type { Dashboard } from ${JSON.stringify(path.join(types, 'index'))};`,
    ...kinds.map((kind) => `import type * as ${kind} from ${JSON.stringify(path.join(types, `raw/composable/${kind}/panelcfg/x/types.gen`))};`),
    // JSON has the values of enumerations and not their names.
    'type Plain<T> = T extends string ? `${T}` : T extends (infer U)[] ? Plain<U>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;',
  ];
  const origins = [];
  let panels = 0;
  const declare = (type, value, origin) => {
    origins[lines.length] = origin;
    lines.push(`export const _${lines.length}: Plain<${type}> = ${JSON.stringify(value)};`);
  };
  for (const file of files) {
    const dashboard = JSON.parse(fs.readFileSync(file, 'utf8'));
    declare('Dashboard', dashboard, path.basename(file));
    for (const panel of dashboard.panels.filter((panel) => panel.type !== 'row')) {
      const origin = `${path.basename(file)}, "${panel.title}"`;
      if (!kinds.includes(panel.type)) throw new Error(`${origin}: add ${panel.type} to the kinds that are checked`);
      ++panels;
      declare(`${panel.type}.Options`, panel.options, origin);
      if (panel.fieldConfig.defaults.custom) declare(`${panel.type}.FieldConfig`, panel.fieldConfig.defaults.custom, origin);
    }
  }
  const source = path.join(modules, 'dashboards.ts');  // Among the packages, so that they find each other.
  const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], moduleResolution: typescript.ModuleResolutionKind.Bundler,
                    module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2022 };
  const host = typescript.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === source || fileExists(name);
  host.getSourceFile = (name, ...rest) => name === source
    ? typescript.createSourceFile(name, lines.join('\n'), typescript.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  for (const diagnostic of typescript.getPreEmitDiagnostics(typescript.createProgram([source], options, host))) {
    const line = diagnostic.file?.fileName === source ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line : -1;
    console.log(`${origins[line] ?? diagnostic.file?.fileName}: ${typescript.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`);
    process.exitCode = 1;
  }
  console.log(`${files.length} dashboards, ${panels} panels checked`);
}

({ operators, asyncapi, grafana })[mode]();
