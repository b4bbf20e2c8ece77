#!/usr/bin/env python3
"""Wirewatch and a Kafka Streams job of the same task on one real Kafka broker, in turn: latency, throughput, processor time.

    run.py [--program FILE] [--load FILE] [--rate 1000,5000,10000] [--seconds 10] [--backlog 40000] [--rounds 1] [--dense]
           [--only broker|wirewatch|streams] [--delivery at_least_once|exactly_once|both]

Both find the same 10,000 names, of ten desks, in articles of about 4 kB in the languages of the sample news, publish every article with
what was found, and an alert for each desk with a name in the headline. Wirewatch does all it always does beside: zones, countries and
places, topics, its shipped profiles. The row of the broker alone is the floor: the same load, read where it was sent to, so that it goes
through the broker once, where articles and their events do twice. Needs Maven and a JDK 17; status 69 where Kafka cannot be had. Prints a
table of medians and the ratios.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
DESKS = 10
NAMES = 10_000


def make_names():
    """The places that articles name, and as many pairs of them, of which few occur."""
    with open(os.path.join(HERE, '..', 'place_names.txt'), encoding='utf-8') as file:
        places = [line.strip() for line in file if not line.startswith('#')]
    places = [place for place in dict.fromkeys(places) if '"' not in place and '\\' not in place]
    chosen, source = list(places), random.Random(1)
    while len(chosen) < NAMES:
        chosen.append(source.choice(places) + ' ' + source.choice(places))
    return chosen[:NAMES]


def write_names(names, folder):
    """The same names as profiles beside the shipped ones, and as the peer's list."""
    profiles = os.path.join(folder, 'profiles')
    shutil.copytree(os.path.join(ROOT, 'deploy', 'profiles'), profiles)
    for desk in range(DESKS):
        with open(os.path.join(profiles, 'desk-%d.toml' % desk), 'w', encoding='utf-8') as file:
            file.write('title = "Desk %d"\nlevel = "info"\nquery = "headline:$names"\n[terms.names]\nen = [\n' % desk)
            file.writelines('  "%s",\n' % name for name in names[desk::DESKS])
            file.write(']\n')
    phrases = os.path.join(folder, 'phrases')
    with open(phrases, 'w', encoding='utf-8') as file:
        file.writelines('desk-%d\t%s\n' % (i % DESKS, name) for i, name in enumerate(names))
    return profiles, phrases


def build_peer():
    target = os.path.join(ROOT, 'build', 'streams')
    jars, classes = os.path.join(target, 'lib'), os.path.join(target, 'classes')
    subprocess.run(['mvn', '-q', '-B', '-f', os.path.join(HERE, 'pom.xml'),
                    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies', '-DoutputDirectory=' + jars], check=True)
    subprocess.run(['javac', '--release', '17', '-d', classes, '-cp', os.path.join(jars, '*'), os.path.join(HERE, 'StreamsPeer.java')],
                   check=True)
    return classes + ':' + os.path.join(jars, '*')


def command_of(subject, delivery, prefix, options, brokers, folder, files):
    profiles, phrases = files
    topics = [prefix + kind for kind in ('.raw', '.enriched', '.alerts', '.dead')]
    if subject == 'streams':
        return ['java', '-Xms512m', '-Xmx512m', '-cp', options.classes, 'StreamsPeer', brokers, *topics, phrases,
                os.path.join(folder, prefix), '2', delivery]
    settings = {'kafka.brokers': brokers, 'kafka.topic_raw': topics[0], 'kafka.topic_enriched': topics[1],
                'kafka.topic_alerts': topics[2], 'kafka.topic_dead': topics[3], 'kafka.group_id': prefix,
                'kafka.delivery': delivery, 'kafka.instance_id': 'bench', 'http.port': '0', 'profiles.directory': profiles,
                'enricher.workers': '2'}
    return [options.program, 'run', 'enricher', *[a for k, v in settings.items() for a in ('--set', '%s=%s' % (k, v))]]


LATENCIES = ('p50_ms', 'p99_ms', 'p999_ms')


def measure(subject, delivery, prefix, options, brokers, folder, files):
    """Of the broker alone, which has no delivery: latencies only."""
    command = ['--floor'] if subject == 'broker' else ['--', *command_of(subject, delivery, prefix, options, brokers, folder, files)]
    log = os.path.join(folder, prefix + '.log')
    run = subprocess.run([options.load, '--brokers', brokers, '--raw', prefix + '.raw', '--enriched', prefix + '.enriched',
                          '--topic', prefix + '.alerts', '--topic', prefix + '.dead', '--backlog', str(options.backlog),
                          *(['--dense'] if options.dense else []), '--rate', options.rate, '--seconds', str(options.seconds), '--log', log, *command],
                         stdout=subprocess.PIPE, text=True, check=False)
    steps = [json.loads(line) for line in run.stdout.splitlines()]
    # Figures of a program that lost articles, published them twice where it must not, or ended by a fault are none. (A JVM that is
    # asked to stop ends with 143.)
    if (run.returncode != 0 or steps[-1]['missing'] > 0 or steps[-1]['status'] not in (0, 143)
            or (delivery == 'exactly_once' and subject != 'broker' and steps[-1]['twice'] > 0)):
        with open(log, encoding='utf-8') as file:
            sys.exit('%s %s: %s\n%s' % (subject, delivery, run.stdout, file.read()[-3000:]))
    found = {}
    for step in steps:
        if step['step'] == 'backlog':
            found['articles/s'], found['cpu'] = step['articles_per_s'], step['cpu_us']
        elif step['step'] == 'rate':
            for key in (*LATENCIES, 'cpu_us'):
                found[step['rate'], key] = step[key]
            found[step['rate'], 'keeps_up'] = step['keeps_up']
    print('%s %s: %s' % (subject, delivery, run.stdout.replace('\n', ' ')), file=sys.stderr, flush=True)
    return found


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def keeps_up(runs, rate):
    """An article that waits a second on average waits for others: the rate is more than can be done."""
    return all(run[rate, 'keeps_up'] for run in runs) and median(runs, (rate, 'p50_ms')) < 1000


def row(name, runs, rates):
    has_program = 'cpu' in runs[0]
    cells = [name, *('%.0f' % median(runs, key) if has_program else '' for key in ('articles/s', 'cpu'))]
    for rate in rates:
        cells.append(' / '.join('%.0f' % median(runs, (rate, key)) for key in LATENCIES) if keeps_up(runs, rate) else 'falls behind')
        if has_program:
            cells[-1] += '; %.0f' % median(runs, (rate, 'cpu_us'))
    return '| ' + ' | '.join(cells) + ' |'


def ratios(mine, peer, rates):
    cells = ['Wirewatch : Kafka Streams', '%.2f' % (median(mine, 'articles/s') / median(peer, 'articles/s')),
             '%.2f' % (median(mine, 'cpu') / median(peer, 'cpu'))]
    for rate in rates:
        if keeps_up(mine, rate) and keeps_up(peer, rate):
            cells.append(' / '.join('%.2f' % (median(mine, (rate, key)) / median(peer, (rate, key))) for key in LATENCIES))
        else:
            cells.append('')
        cells[-1] += '; %.2f' % (median(mine, (rate, 'cpu_us')) / median(peer, (rate, 'cpu_us')))
    return '| ' + ' | '.join(cells) + ' |'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', default=os.path.join(ROOT, 'build/release/bin/wirewatch'))
    parser.add_argument('--load', default=os.path.join(ROOT, 'build/release/bin/kafka_load'))
    parser.add_argument('--rate', default='1000,5000,10000')
    parser.add_argument('--seconds', type=int, default=10)
    parser.add_argument('--backlog', type=int, default=40_000)
    parser.add_argument('--rounds', type=int, default=1)
    parser.add_argument('--dense', action='store_true', help='articles that name three times as many places as news does')
    parser.add_argument('--only', choices=['broker', 'wirewatch', 'streams'])
    parser.add_argument('--delivery', choices=['at_least_once', 'exactly_once', 'both'], default='both')
    options = parser.parse_args()
    subjects = [options.only] if options.only else ['broker', 'wirewatch', 'streams']
    options.classes = build_peer() if 'streams' in subjects else None
    deliveries = ['at_least_once', 'exactly_once'] if options.delivery == 'both' else [options.delivery]
    rates = [int(rate) for rate in options.rate.split(',')]
    folder = tempfile.mkdtemp(prefix='wirewatch-bench-')
    script = os.path.join(ROOT, 'deploy', 'kafka.sh')
    results = {}
    try:
        files = write_names(make_names(), folder)
        started = subprocess.run([script, 'start', '1', folder + '/kafka'], stdout=subprocess.PIPE, text=True, check=False,
                                 env={**os.environ, 'KAFKA_HEAP_OPTS': '-Xms1g -Xmx1g', 'KAFKA_JVM_OPTS': '-XX:+UseG1GC'})
        if started.returncode != 0:
            sys.exit(started.returncode)
        for number in range(options.rounds):
            for delivery in deliveries:
                for subject in subjects:
                    if subject == 'broker' and delivery != deliveries[0]:
                        continue
                    results.setdefault((subject, delivery), []).append(
                        measure(subject, delivery, '%s-%s-%d' % (subject, delivery, number), options, started.stdout.split()[-1],
                                folder, files))
    finally:
        subprocess.run([script, 'stop', folder + '/kafka'], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    print('| | Articles a second, at most | CPU per article, µs | '
          + ' | '.join('p50 / p99 / p99.9 ms; CPU per article, µs, at %s/s' % format(rate, ',') for rate in rates) + ' |')
    print('|---|--:|--:|' + '--:|' * len(rates))
    if 'broker' in subjects:
        print(row('The broker alone', results['broker', deliveries[0]], rates))
    for delivery in deliveries:
        for subject, name in (('wirewatch', 'Wirewatch'), ('streams', 'Kafka Streams')):
            if (subject, delivery) in results:
                print(row('%s, %s' % (name, delivery.replace('_', ' ')), results[subject, delivery], rates))
        if not options.only:
            print(ratios(results['wirewatch', delivery], results['streams', delivery], rates))


if __name__ == '__main__':
    main()
