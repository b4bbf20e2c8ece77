#!/usr/bin/env python3
"""Checks the compose file and the Kubernetes manifests with the tools that read them in earnest.

    deploy_test.py SOURCE_TREE BUILD_TREE PROGRAM systemd|container|compose|kubernetes|kubernetes_schema|operators|asyncapi|grafana|scripts

systemd: the unit gives a service the time that it takes to stop. container: dockerfile-utils finds no fault, and what is copied is
there. compose: docker-compose reads it, and everything that it mounts is there. kubernetes: kustomize (5 or later) renders every
overlay, and what matters for running well is in the result. kubernetes_schema: kubernetes-validate holds the rendered
resources against the schemas of Kubernetes; operators: packages of npm hold those of KEDA and the Prometheus operator, which
have no schema there, against theirs. asyncapi: AsyncAPI's own parser reads deploy/schemas. grafana: Grafana's own
schema, and the compiler that it is written for, find no fault with dashboards and panels. scripts: shellcheck finds no fault.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

SKIPPED = 77
root, build, program, check = sys.argv[1:5]
failures = []


def skip(reason):
    print('skipped: ' + reason)
    sys.exit(SKIPPED)


try:
    import yaml
except ImportError:
    skip('python3-yaml is not installed')


def expect(condition, message):
    if not condition:
        failures.append(message)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    expect(done.returncode == 0, '%s ended with %d:\n%s' % (' '.join(command), done.returncode, done.stdout + done.stderr))
    return done.stdout


def tool(name, *places):
    """A program that deploy/test.sh puts into build/test-tools, or else one on the path; skips where there is neither."""
    for place in places:
        path = os.path.join(build, '../test-tools', place, name)
        if os.path.exists(path):
            return path
    path = shutil.which(name)
    if not path:
        skip(name + ' is not installed (deploy/test.sh does it, where its registry can be reached)')
    return path


def read_text(path):
    with open(os.path.join(root, path), encoding='utf-8') as file:
        return file.read()


def stop_seconds_max():
    """After which a service that is asked to stop has ended, whatever its configuration: who kills it sooner breaks off what it drains."""
    most_ms = re.search(r'^\| `enricher\.drain_timeout_ms` \| `\d+` \| \d+ to (\d+) \|', read_text('deploy/CONFIGURATION.md'), re.M)
    close_s = re.search(r'kCloseSeconds = (\d+);', read_text('services/wirewatch/stop_signals.cc'))
    return int(most_ms.group(1)) / 1000 + int(close_s.group(1))


def check_systemd():
    unit = dict(re.findall(r'^(\w+)=(.*)$', read_text('deploy/systemd/wirewatch.service.in'), re.M))
    expect(int(unit['TimeoutStopSec']) > stop_seconds_max(), 'the unit is killed while it drains')
    expect(unit['Type'] == 'notify' and unit['StartLimitIntervalSec'] == '0', 'the unit does not wait for Kafka')


def check_container():
    path = os.path.join(root, 'deploy/container/Containerfile')
    linter = tool('dockerfile-utils', 'node_modules/.bin')
    run(linter, 'lint', path)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    with tempfile.NamedTemporaryFile('w') as file:  # A linter that accepts anything proves nothing.
        file.write(text.replace('ENTRYPOINT', 'ENTRYPIONT'))
        file.flush()
        expect(subprocess.run([linter, 'lint', file.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode != 0, 'a misspelt instruction is accepted')
    for source in re.findall(r'^COPY (?!--)(\S+) ', text, re.M):
        expect(os.path.exists(os.path.join(root, source)), 'copies %s, which is not there' % source)
    for script in re.findall(r'^RUN (deploy/\S+)', text, re.M):
        expect(os.access(os.path.join(root, script), os.X_OK), 'runs %s, which cannot be run' % script)
    last = text[text.rindex('\nFROM '):]
    expect(len(re.findall(r'^FROM ', text, re.M)) == 2 and not re.search(r'^USER (root|0)\b', last, re.M)
           and re.search(r'^USER \d+:\d+$', last, re.M), 'the last stage has no user by number')
    expect('STOPSIGNAL SIGTERM' in last and 'HEALTHCHECK' in last, 'the image lacks signal or health check')
    # .dockerignore leaves the history out, from which the build would take its revision.
    expect('.git' in read_text('.dockerignore').split() and '-DWIREWATCH_REVISION="${REVISION}"' in text
           and 'org.opencontainers.image.revision="${REVISION}"' in last and len(re.findall(r'^ARG REVISION=', text, re.M)) == 2,
           'the image does not know its revision')


def check_compose():
    path = os.path.join(root, 'deploy/compose/compose.yaml')
    composer = ['docker', 'compose']
    if not shutil.which('docker') or subprocess.run(composer + ['version'], stdout=subprocess.DEVNULL,
                                                    stderr=subprocess.DEVNULL, check=False).returncode != 0:
        composer = ['docker-compose']
        if not shutil.which('docker-compose'):
            skip('neither docker compose nor docker-compose is installed')
    run(*composer, '-f', path, 'config', '-q')
    with open(path, encoding='utf-8') as file:
        document = yaml.safe_load(file)
    folder = os.path.dirname(path)
    built = {service['image'] for service in document['services'].values() if 'build' in service}
    for name, service in document['services'].items():
        expect(service['image'] not in built or 'build' in service or service.get('pull_policy') == 'never',
               '%s would be fetched from a registry, though it is built here' % name)
        for volume in service.get('volumes', []):
            source = volume.split(':')[0]
            if source.startswith('.'):
                expect(os.path.exists(os.path.join(folder, source)), '%s mounts %s, which is not there' % (name, source))
            else:
                expect(source in document['volumes'], '%s uses the unknown volume %s' % (name, source))
        for port in service.get('ports', []):
            expect(str(port).startswith('127.0.0.1:'), '%s opens %s to the world' % (name, port))
    # Grafana finds its dashboards and its source of data.
    provisioning = os.path.join(root, 'monitoring/grafana/provisioning')
    with open(os.path.join(provisioning, 'dashboards/wirewatch.yml'), encoding='utf-8') as file:
        shown = {provider['options']['path'] for provider in yaml.safe_load(file)['providers']}
    mounted = {volume.split(':')[1] for volume in document['services']['grafana']['volumes']}
    expect(shown <= mounted, 'Grafana looks for dashboards at %s' % shown)
    with open(os.path.join(provisioning, 'datasources/prometheus.yml'), encoding='utf-8') as file:
        for source in yaml.safe_load(file)['datasources']:
            expect(re.sub(r'https?://([^:/]+).*', r'\1', source['url']) in document['services'], 'Grafana asks ' + source['url'])
    for name, service in document['services'].items():
        if service['image'] == 'wirewatch':
            expect(service['read_only'] and service['cap_drop'] == ['ALL'], name + ' is not confined')
    expect(int(document['services']['enricher']['stop_grace_period'].rstrip('s')) > stop_seconds_max(), 'the enricher is killed while it drains')
    with open(os.path.join(folder, 'targets/wirewatch.yml'), encoding='utf-8') as file:
        targets = {target.split(':')[0] for group in yaml.safe_load(file) for target in group['targets']}
    expect(targets == {name for name, service in document['services'].items() if service['image'] == 'wirewatch'},
           'Prometheus reads other services than there are')


def kustomize():
    for command in (['kustomize'], ['kubectl', 'kustomize']):
        if not shutil.which(command[0]):
            continue
        version = subprocess.run([command[0], 'version'] + (['--client'] if command[0] == 'kubectl' else []),
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        if re.search(r'v[5-9]\.\d+\.\d+', version):
            return command + ([] if command[0] == 'kubectl' else ['build'])
    skip('kustomize 5 or later, or a kubectl with it, is not installed')


def rendered():
    """Overlay -> its resources."""
    command = kustomize()
    folder = os.path.join(root, 'deploy/kubernetes/overlays')
    return {name: run(*command, os.path.join(folder, name)) for name in sorted(os.listdir(folder))}


def check_workload(where, workload, by_kind):
    """What every service needs, whoever runs its pods."""
    spec = workload['spec']
    pod = spec['template']['spec']
    container = pod['containers'][0]
    labels = spec['template']['metadata']['labels']
    selectors = [spec['selector']['matchLabels'], by_kind['Service'][workload['metadata']['name']]['spec']['selector'],
                 by_kind['NetworkPolicy']['wirewatch']['spec']['podSelector']['matchLabels']]
    if 'ServiceMonitor' in by_kind:
        selectors.append(by_kind['ServiceMonitor']['wirewatch']['spec']['selector']['matchLabels'])
    for selector in selectors:
        expect(selector and selector.items() <= labels.items(), '%s: %s does not select the pods' % (where, selector))
    # The restricted level of pod security, which the namespace enforces.
    expect(pod['securityContext']['runAsNonRoot'] and pod['securityContext']['seccompProfile']['type'] == 'RuntimeDefault'
           and container['securityContext'] == {'allowPrivilegeEscalation': False, 'capabilities': {'drop': ['ALL']},
                                                'readOnlyRootFilesystem': True}, where + ' is not confined')
    with open(os.path.join(root, 'deploy/container/Containerfile'), encoding='utf-8') as file:
        expect('USER %d:' % pod['securityContext']['runAsUser'] in file.read(), where + ': the image has another user')
    expect({'readinessProbe', 'livenessProbe'} <= set(container), where + ' lacks probes')
    mounted = {volume['configMap']['name'] for volume in pod['volumes']}
    expect(mounted <= set(by_kind['ConfigMap']), where + ' mounts what is not there')
    names = [variable['name'] for variable in container['env']]
    expect(where.startswith('small') or 'WIREWATCH_KAFKA__PROPERTIES__SASL_PASSWORD' in names, where + ' has no credentials')


def check_kubernetes():
    overlays = rendered()
    expect(len(overlays) >= 2, 'there are no overlays')
    for overlay, text in overlays.items():
        resources = [resource for resource in yaml.safe_load_all(text) if resource]
        by_kind = {}
        for resource in resources:
            by_kind.setdefault(resource['kind'], {})[resource['metadata']['name']] = resource
            expect(resource['kind'] == 'Namespace' or resource['metadata'].get('namespace') == 'wirewatch',
                   '%s: %s is in no namespace' % (overlay, resource['kind']))
        expect({'StatefulSet', 'Deployment', 'Service', 'PodDisruptionBudget', 'NetworkPolicy', 'ConfigMap'} <= set(by_kind),
               overlay + ' lacks resources')
        for workload in (by_kind['StatefulSet']['wirewatch-enricher'], by_kind['Deployment']['wirewatch-canary']):
            check_workload(overlay + ' ' + workload['metadata']['name'], workload, by_kind)
        enricher = by_kind['StatefulSet']['wirewatch-enricher']['spec']
        pod = enricher['template']['spec']
        container = pod['containers'][0]
        budget = by_kind['PodDisruptionBudget']['wirewatch-enricher']['spec']['selector']['matchLabels']
        expect(budget == enricher['selector']['matchLabels'], overlay + ': the budget is for other pods')
        expect(enricher['serviceName'] in by_kind['Service'], overlay + ': the pods have no names')
        expect(any(argument == '--set=kafka.instance_id=$(POD_NAME)' for argument in container['args']), overlay + ': no static membership')
        expect('startupProbe' in container, overlay + ' is killed while it loads')
        expect(len(pod['topologySpreadConstraints']) == 2, overlay + ' is not spread')
        expect(pod['terminationGracePeriodSeconds'] > stop_seconds_max(), overlay + ' is killed while it drains')
        if 'ScaledObject' in by_kind:
            scaled = by_kind['ScaledObject']['wirewatch-enricher']['spec']
            expect('replicas' not in enricher, overlay + ': two masters set the number of instances')
            expect(scaled['scaleTargetRef']['name'] in by_kind['StatefulSet'], overlay + ': scales nothing')
            trigger = scaled['triggers'][0]['metadata']
            defaults = dict(re.findall(r'^\| `([a-z_.]+)` \| `([^`]*)` \|', read_text('deploy/CONFIGURATION.md'), re.M))
            expect(trigger['consumerGroup'] == defaults['kafka.group_id'] and trigger['topic'] == defaults['kafka.topic_raw'],
                   overlay + ': scales by the lag of another group')
            # The scaler reaches Kafka as the services do.
            name = next(volume['configMap']['name'] for volume in pod['volumes'] if volume['name'] == 'configuration')
            kafka = tomllib.loads(by_kind['ConfigMap'][name]['data']['wirewatch.toml'])['kafka']
            expect(trigger['bootstrapServers'] == kafka['brokers'], overlay + ': the scaler asks other brokers')
            if 'SASL' in kafka.get('properties', {}).get('security.protocol', ''):
                mechanism = kafka['properties']['sasl.mechanism'].lower().replace('sha-', 'sha').replace('-', '_')
                expect(trigger.get('sasl') == mechanism and trigger.get('tls') == 'enable', overlay + ': Kafka refuses the scaler')
                login = by_kind['TriggerAuthentication'][scaled['triggers'][0]['authenticationRef']['name']]['spec']['secretTargetRef']
                expect({entry['parameter'] for entry in login} == {'username', 'password'}, overlay + ': the scaler has no credentials')
            expect(scaled['maxReplicaCount'] <= int(defaults['kafka.partitions']), overlay + ': more instances than partitions')
    expect('ScaledObject' in overlays['production'] and 'ServiceMonitor' in overlays['production'], 'production lacks scaling or monitoring')
    # The newsroom's profiles of the example are good ones, and the canary's is among them.
    run(program, 'test', '--set', 'profiles.directory=' + os.path.join(root, 'deploy/kubernetes/overlays/production/profiles'))
    # The rules are those of Prometheus, word for word.
    generated = run(sys.executable, os.path.join(root, 'monitoring/kubernetes/generate_rules.py'))
    with open(os.path.join(root, 'monitoring/kubernetes/prometheusrule.yaml'), encoding='utf-8') as file:
        expect(yaml.safe_load(file) == yaml.safe_load(generated), 'prometheusrule.yaml is stale; run generate_rules.py')


def check_kubernetes_schema():
    validator = tool('kubernetes-validate', 'bin')
    checked = 0
    for overlay, text in rendered().items():
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            file.write(text)
            file.flush()
            command = [validator, '-k', '1.30', '--strict', file.name]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            expect(done.returncode == 0, overlay + ':\n' + done.stdout)
            checked += done.stdout.count('passed for resource')
            # A validator that accepts anything proves nothing.
            file.seek(0)
            file.truncate()
            file.write(text.replace('terminationGracePeriodSeconds', 'terminationGraceSeconds'))
            file.flush()
            expect(subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0,
                   overlay + ': a misspelt field is accepted')
    expect(checked >= 18, 'only %d resources were checked' % checked)
    print('%d resources are valid' % checked)


def validate(*arguments, **options):
    """validate.cjs, with the packages that deploy/test.sh puts into build/test-tools."""
    node = shutil.which('node')
    version = re.match(r'v(\d+)', subprocess.run([node, '--version'], stdout=subprocess.PIPE, text=True, check=False).stdout) if node else None
    if not version or int(version.group(1)) < 20:
        skip('node 20 or later is not installed')
    done = subprocess.run([node, os.path.join(root, 'tests/deploy/validate.cjs'), os.path.join(build, '../test-tools'), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode == SKIPPED:
        skip(done.stdout.strip().replace('skipped: ', ''))
    return done


def check_operators():
    checked = 0
    for overlay, text in rendered().items():
        resources = [resource for resource in yaml.safe_load_all(text) if resource]
        done = validate('operators', input=json.dumps(resources))
        expect(done.returncode == 0, overlay + ':\n' + done.stdout)
        checked += int(re.search(r'(\d+) valid', done.stdout).group(1)) if done.returncode == 0 else 0
        for resource in resources:  # A validator that accepts anything proves nothing.
            if resource['kind'] == 'ScaledObject':
                resource['spec']['minReplicaCount'] = 'two'
                expect(validate('operators', input=json.dumps([resource])).returncode == 1, overlay + ': a word is accepted for a number')
    expect(checked >= 4, 'only %d resources of operators were checked' % checked)


def check_asyncapi():
    done = validate('asyncapi', os.path.join(root, 'deploy/schemas/asyncapi.yaml'))
    expect(done.returncode == 0, done.stdout)
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(os.path.join(root, 'deploy/schemas'), os.path.join(folder, 'schemas'))
        with open(os.path.join(copy, 'asyncapi.yaml'), 'r+', encoding='utf-8') as file:
            text = file.read().replace('action: send', 'action: shout')
            file.seek(0)
            file.write(text)
        expect(validate('asyncapi', os.path.join(copy, 'asyncapi.yaml')).returncode == 1, 'an unknown action is accepted')


def check_grafana():
    dashboards = sorted(glob.glob(os.path.join(root, 'monitoring/grafana/dashboards/*.json')))
    done = validate('grafana', *dashboards)
    expect(done.returncode == 0, done.stdout)
    checked = re.search(r'(\d+) panels checked', done.stdout)
    expect(checked and int(checked.group(1)) > 30, done.stdout)
    # A validator that accepts anything proves nothing.
    with open(dashboards[0], encoding='utf-8') as file:
        text = file.read()
    for good, bad in (('"graphTooltip"', '"graphToolTip"'), ('"displayMode": "table"', '"displayMode": "tables"'),
                      ('"showLegend": true', '"showLegend": "yes"')):
        assert good in text, good
        with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
            file.write(text.replace(good, bad))
            file.flush()
            expect(validate('grafana', file.name).returncode == 1, bad + ' is accepted')


def check_scripts():
    if not shutil.which('shellcheck'):
        skip('shellcheck is not installed')
    scripts = sorted(set(glob.glob(os.path.join(root, '**/*.sh'), recursive=True)
                         + glob.glob(os.path.join(root, 'deploy/debian/p*')) + [os.path.join(root, '.ci/run')]))
    scripts = [script for script in scripts if '/build/' not in script]
    expect(len(scripts) >= 8, 'only %d scripts were found' % len(scripts))
    run('shellcheck', *scripts)


{'systemd': check_systemd, 'operators': check_operators, 'asyncapi': check_asyncapi, 'grafana': check_grafana, 'scripts': check_scripts,
 'container': check_container, 'compose': check_compose, 'kubernetes': check_kubernetes, 'kubernetes_schema': check_kubernetes_schema}[check]()
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
