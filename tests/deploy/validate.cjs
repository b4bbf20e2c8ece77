// Holds documents against the schemas of their owners, with packages of npm.
//
//   node validate.cjs NODE_MODULES_PARENT operators < resources.json     KEDA's and the Prometheus operator's resources
//   node validate.cjs NODE_MODULES_PARENT asyncapi FILE
//
// Prints what is wrong and ends with 1; "N valid" otherwise. Ends with 77 when the packages are not there.

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const [parent, mode, file] = process.argv.slice(2);
const modules = path.resolve(parent, 'node_modules');
const load = async (name, file) => {
  if (!fs.existsSync(path.join(modules, name))) {
    console.log(`skipped: ${name} is not installed (deploy/test.sh does it, where its registry can be reached)`);
    process.exit(77);
  }
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
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 0);
  for (const error of errors) console.log(`${error.path.join('.')}: ${error.message}`);
  if (errors.length > 0 || !document) process.exitCode = 1;
  else console.log(`${document.channels().all().length} channels valid`);
}

({ operators, asyncapi })[mode]();
