#!/usr/bin/env python3
"""check, explain and backtest as an editor uses them.

    editors_commands_test.py PROGRAM
"""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

program = sys.argv[1]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def run(*arguments, profiles=None, status=0, text='', **options):
    command = [program, *arguments]
    if profiles:
        command += ['--set', 'profiles.directory=' + profiles]
    done = subprocess.run(command, **{'stdout': subprocess.PIPE, 'stderr': subprocess.STDOUT, 'text': True, 'check': False, **options},
                          input=text)
    expect(done.returncode == status, '%s: status %d, not %d:\n%s' % (arguments, done.returncode, status, done.stdout))
    return done.stdout


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def beat(query):
    return 'title = "A beat"\nquery = "%s"\n' % query


def articles(folder, name, *headlines):
    return write(os.path.join(folder, name), ''.join(
        json.dumps({'uri': 'urn:test:%d' % i, 'title': headline, 'text': 'Some text.',
                    'published_at': '2026-11-%02dT12:00:00Z' % (i % 28 + 1)}) + '\n'
        for i, headline in enumerate(headlines)))


def test_check(folder):
    shipped = run('check', '--strict')
    expect('profiles are valid' in shipped and '[' not in shipped, 'the shipped beats have doubts:\n' + shipped)

    write(os.path.join(folder, 'unanchored.toml'), beat('NOT flood'))
    write(os.path.join(folder, 'contradictory.toml'), beat('korea AND NOT korea'))
    wide = write(os.path.join(folder, 'wide.toml'), beat('headline:japan'))
    write(os.path.join(folder, 'narrow.toml'), beat('headline:japan AND quake'))
    told = run('check', profiles=folder)
    for name, code in (('unanchored', 'unanchored'), ('unanchored', 'over-broad'), ('contradictory', 'contradictory'),
                       ('narrow', 'subsumed'), ('wide', 'too-few-examples')):
        expect(re.search(r'/%s\.toml:\d+:\d+: .*\[%s\]' % (name, code), told), 'no %s for %s:\n%s' % (code, name, told))
    run('check', '--strict', profiles=folder, status=3)

    sample = articles(folder, 'sample.ndjson', *['Japan votes' if i % 4 == 0 else 'Rain' for i in range(200)])
    told = run('check', '--sample', sample, profiles=folder)
    expect(re.search(r'wide\.toml:2:\d+: it matches 50 of 200 articles of the sample', told), told)
    expect(len(re.findall(r'\[over-broad\]', told)) == 2, 'the sample, and no estimate, says what is over-broad:\n' + told)
    few = articles(folder, 'few.ndjson', *['Japan votes'] * 99)
    told = run('check', '--sample', few, profiles=folder)
    expect('of the sample' not in told and re.search(r'/unanchored\.toml:.*\[over-broad\]', told),
           'of few articles the estimate is better:\n' + told)
    expect('few.ndjson has 99 articles; shares of fewer than 100 say little' in told, told)
    run('check', '--sample', os.path.join(folder, 'absent.ndjson'), profiles=folder, status=1)
    told = run('check', '--sample', write(os.path.join(folder, 'none.ndjson'), '{"a": 1}\n'), profiles=folder, status=1)
    expect('none.ndjson: 1 of 1 lines are no articles' in told, told)
    told = run('check', '--sample', write(os.path.join(folder, 'empty.ndjson'), ''), profiles=folder, status=1)
    expect('empty.ndjson is empty' in told, told)
    run('check', '--set', 'profiles.sample=' + sample, profiles=folder)
    run('check', '--set', 'profiles.sample=' + os.path.join(folder, 'absent.ndjson'), profiles=folder, status=78)

    for query, cure in (('region:XX', 'XX'), ('topic:polotics', 'politics'), ('/(/', 'close the group'), ('(korea', ')')):
        write(wide, beat(query))
        told = run('check', profiles=folder, status=78)
        expect(re.search(r'wide\.toml:2:\d+: ', told) and cure in told, '%s: %s' % (query, told))


def test_what_run_and_up_refuse(_):
    told = run('check', '--set', 'kafka.delivery=exactly_once', status=78)
    expect('needs kafka.instance_id' in told, told)
    told = run('up', '--once', '--set', 'kafka.delivery=exactly_once', status=78)
    expect('the embedded broker has no transactions' in told, told)
    told = run('check', '--set', 'kafka.properties.sasl.mechanisn=PLAIN', status=78)
    expect('"sasl.mechanisn": librdkafka has none of this name; did you mean "sasl.mechanisms"?' in told, told)
    told = run('check', '--set', 'kafka.properties.sasl.password.file=/absent/secret', status=78)
    expect('cannot read /absent/secret' in told, told)
    for name, cure in (('group.id', 'kafka.group_id'), ('bootstrap.servers', 'kafka.brokers'),
                       ('enable.auto.offset.store', 'delivery'), ('enable.idempotence', 'delivery'),
                       ('delivery.report.only.error', 'delivery'), ('message.timeout.ms', 'delivery'),
                       ('delivery.timeout.ms', 'delivery'), ('test.mock.num.brokers', 'kafka.brokers')):
        told = run('check', '--set', 'kafka.properties.%s=1' % name, status=78)
        expect('"%s"' % name in told and cure in told, told)
    told = run('check', '--set', 'kafka.properties.sasl.mechanism=OAUTHBEARER',
               '--set', 'kafka.properties.security.protocol=SASL_SSL', status=78)
    expect('set "sasl.oauthbearer.token.command"' in told, told)
    told = run('check', '--set', 'kafka.properties.acks=1', status=78)
    expect('acks' in told, told)


def test_a_folder_without_profiles(folder):
    empty = os.path.join(folder, 'beats')
    os.makedirs(os.path.join(empty, 'more'))
    told = run('check', profiles=empty, status=78)
    expect('there are no profiles in this folder' in told and 'valid' not in told, told)
    told = run('run', 'enricher', '--set', 'kafka.delivery=exactly_once', profiles=empty, status=78)
    run('check', '--set', 'kafka.topic_profiles=profiles', profiles=empty)  # They may come from there.
    write(os.path.join(empty, 'beat.tml'), beat('korea'))
    write(os.path.join(empty, 'more', 'beat.toml'), beat('korea'))
    write(os.path.join(empty, 'notes.md'), 'No profile.')
    told = run('check', profiles=empty, status=78)
    expect('beats/beat.tml: ignored' in told and 'more/beat.toml: ignored' in told and 'notes' not in told, told)
    write(os.path.join(empty, 'a.toml'), beat('NEVERTHELESS'))
    run('check', profiles=empty)
    run('check', '--strict', profiles=empty, status=3)


def test_words_on_the_command_line(folder):
    """What people mistype, and what stands between options."""
    for words, said in ((('explian',), 'there is no command "explian"; did you mean "explain"?'),
                        (('check', '--sampel', 'x'), 'there is no option --sampel; did you mean "--sample"?'),
                        (('config', 'dump2'), 'did you mean "dump"?'), (('help', 'chek'), 'did you mean "check"?'),
                        ((), 'name a command: up run '), (('config',), 'name what `wirewatch config` is to do: dump docs\n'),
                        (('explain', 'north-koreaa', '-'), 'did you mean "north-korea"?'), (('test', 'quakes'), '`wirewatch profiles` lists')):
        told = run(*words, status=2)
        expect(said in told, '%s: %s' % (words, told))
    expect(run('--version') == run('version'), '--version and version differ')
    expect('backtest' in run('help') and '--id' in run('help', 'backtest'), 'help')
    told = run('help', 'explain')
    expect('Usage: wirewatch explain' in told and '--set KEY=VALUE' in told, told)
    expect('2 profiles, ' in run('test', 'north-korea', 'wildfires'), 'test of some profiles')
    listed = run('profiles').splitlines()
    expect('north-korea\turgent\tNorth Korea' in listed and len(listed) > 30, listed)
    article = articles(folder, 'one.ndjson', 'Rain')
    first = write(os.path.join(folder, 'first.toml'), '[log]\nlevel = "info"\n')
    for words in (('--config', first, 'classify', article), ('classify', '--config', first, article),
                  ('classify', '--config', first, '--config', first, article), ('classify', '--set', 'log.level=warn', article)):
        expect(run(*words).startswith('Rain\n'), words)


def test_input_and_output(folder):
    article = articles(folder, 'one.ndjson', 'Rain')
    expect('  alerts    none\n' in run('classify', article), 'an article without alerts')
    broken = write(os.path.join(folder, 'broken.ndjson'), open(article, encoding='utf-8').read() + '{broken\n')
    expect('broken.ndjson:2: dead: ' in run('classify', broken), 'the place of a dead letter')
    expect(json.loads(run('classify', '--json', broken).splitlines()[1])['dead']['line'] == 2, 'the line of a dead letter')
    told = run('explain', 'north-korea', broken)
    expect('broken.ndjson:2: dead: ' in told, told)
    pretty = write(os.path.join(folder, 'pretty.json'), json.dumps({'headline': 'Rain', 'body': 'It rains.'}, indent=2) + '\n')
    for command in (('classify',), ('explain', 'north-korea')):
        told = run(*command, pretty, status=1)
        expect('pretty.json:1: dead: ' in told and told.count('one JSON message per line') == 1, told)
        told = run(*command, folder, status=1)
        expect('is a directory' in told, told)
    packed = os.path.join(folder, 'packed.ndjson.gz')
    with gzip.open(packed, 'wb') as file:
        file.write(open(article, 'rb').read())
    told = run('classify', packed, status=1)
    expect('is compressed' in told and 'dead' not in told, told)
    # Standard input that cannot be read is not one that is empty.
    unreadable = os.open(folder, os.O_RDONLY)
    told = subprocess.run([program, 'classify'], stdin=unreadable, capture_output=True, text=True, check=False)
    os.close(unreadable)
    expect(told.returncode == 1 and 'cannot read standard input' in told.stderr, '%s' % told)
    repaired = write(os.path.join(folder, 'repaired.ndjson'),
                     '{"headline": "Half \\ud83d of one", "body": "It rains.", "published_at": "someday"}\n')
    told = run('classify', repaired, '--set', 'enricher.text_bytes_max=1024')
    expect('  repaired  1 character replaced by U+FFFD, 1 date left out for being none' in told and 'cut' not in told, told)
    hostile = write(os.path.join(folder, 'hostile.ndjson'),
                    '{"headline": "North \\u001b[2JKorea\\u009b31m", "body": "North\\rKorea \\u0007rains.", "uri": "u\\u001b[0m"}\n')
    for words in (('classify', hostile), ('explain', 'north-korea', hostile)):
        told = run(*words)
        expect('North' in told and not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', told), 'it prints control characters: %r' % told)
    long = articles(folder, 'long.ndjson', 'Rain ' * 1000)
    expect('text cut at enricher.text_bytes_max' in run('classify', long, '--set', 'enricher.text_bytes_max=1024'), 'a text that is cut')
    for words in (('classify', '--json', article), ('explain', 'north-korea', article), ('check',), ('config', 'dump'), ('version',),
                  ('--help',), ('backtest', write(os.path.join(folder, 'b.toml'), beat('rain')), article)):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            told = subprocess.run([program, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        expect(told.returncode == 1 and 'standard output cannot be written' in told.stderr, '%s: %s' % (words, told))


def own_names(folder, rows, *articles_, status=0, as_json=False):
    names = write(os.path.join(folder, 'names.tsv'), rows)
    lines = write(os.path.join(folder, 'in.ndjson'), ''.join(json.dumps(article) + '\n' for article in articles_))
    return run('classify', lines, *(['--json'] if as_json else []), '--set', 'data.gazetteer_overrides=' + names, status=status)


def test_own_names(folder):
    """A newsroom's names are taken as it writes them, and shown."""
    junta = {'title': 'Junta in Naypyidaw frees prisoners', 'text': 'The army of Myanmar let them go. Burmese monks cheered.', 'language': 'en'}
    expect('  MM        Burma ' in own_names(folder, 'rename\tBurma\tMM\n', junta), 'the new name is not explained')
    event = json.loads(own_names(folder, 'rename\tBurma\tMM\n', junta, as_json=True))
    expect([place['name'] for place in event['article']['places']] == ['Burma'], 'the new name is no place: %s' % event['article'])
    expect({mention['name'] for mention in event['enrichment']['mentions'] if mention['kind'] != 'capital'} == {'Burma'},
           'mentions: %s' % event['enrichment']['mentions'])
    told = own_names(folder, 'add\tHope\tUS-AR\n', {'title': 'Storm hits Hope', 'text': 'They hope for help in Hope.', 'language': 'en'})
    expect('Hope (headline, subdivision, 2.4), Hope (lede, subdivision, 1.6)\n' in told, 'a name with a capital:\n' + told)
    told = own_names(folder, 'block\tHaiti\n', {'title': 'Haiti burns', 'text': 'Fires in Haiti. Help for Haiti.', 'language': 'en'})
    expect('  ignored   Haiti: silenced by data.gazetteer_overrides (3 times)\n' in told, 'what is silenced:\n' + told)
    expect('is a directory; see data.gazetteer_overrides' in run('classify', os.devnull, '--set', 'data.gazetteer_overrides=' + folder,
                                                                 status=78), 'a folder in place of the names')


def test_classify_explains(folder):
    lines = write(os.path.join(folder, 'in.ndjson'), ''.join(json.dumps(article, ensure_ascii=False) + '\n' for article in (
        {'title': '서울에서 회담', 'text': '서울 (연합뉴스) - 한국 정부는 20일 서울에서 회담을 열었다고 밝혔다.'},
        {'title': 'Talks', 'text': 'They met.', 'language': 'en'}, {'title': 'Xyzzy', 'text': 'Qwrtp.'}, {'title': '2025', 'text': '100'})))
    told = run('classify', lines)
    expect('  language  ko ' in told and '%, by the text\n' in told, 'a language by the text:\n' + told)
    expect('  language  en, as stated\n' in told and '  language  unknown\n' in told, 'languages:\n' + told)
    event = json.loads(run('classify', '--json', lines).splitlines()[0])
    zones = ''.join(' %(zone)s %(start)d-%(end)d' % zone for zone in event['enrichment']['zones'])
    expect('  zones    ' + zones + '\n' in told, 'zones are counted otherwise than in the event:%s\n%s' % (zones, told))
    expect('no_text at byte 0: Headline and body have no letter' in told, 'digits alone:\n' + told)


def test_a_canary_without_its_profile(folder):
    """`up` with a newsroom's own folder says once that its canary cannot come back, and sends none."""
    write(os.path.join(folder, 'beat.toml'), beat('headline:earthquake'))
    with subprocess.Popen([program, 'up', '--set', 'http.port=0', '--set', 'profiles.directory=' + folder, '--set',
                           'embedded.articles_per_s=500'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        for line in up.stdout:
            if line.startswith('ALERT'):
                break
        up.terminate()
        _, told = up.communicate()
    expect(told.count('there is no profile \\"canary\\" (canary.profile)') == 1 and 'has not come back' not in told, told)


def test_explain(folder):
    write(os.path.join(folder, 'beat.toml'), beat('missile NEAR/2 korea AND region:KP'))
    told = run('explain', 'beat', articles(folder, 'one.ndjson', 'A missile of a kind that nobody in Korea knew'),
               profiles=folder)
    expect('beat does not match' in told and 'the nearest are 6 words apart' in told, told)
    expect('region:KP' in told and 'about' in told, told)


def test_backtest(folder):
    write(os.path.join(folder, 'beat.toml'), beat('headline:korea'))
    archive = articles(folder, 'archive.ndjson', 'Korea votes', 'Korea and Japan talk', 'Japan votes', 'Rain', 'Sun')
    with open(archive, 'a', encoding='utf-8') as file:
        file.write('{broken\n')
    changed = write(os.path.join(folder, 'changed', 'beat.toml'), beat('headline:japan'))
    told = run('backtest', changed, archive, profiles=folder)
    expect('+ Japan votes  (urn:test:2)\n    because: Japan (headline)' in told, told)
    expect('- Korea votes  (urn:test:0)\n    matched by: Korea (headline)' in told, told)
    expect('Korea and Japan' not in told, told)
    expect(re.search(r'5 articles, 1 unreadable, \d+ articles/s', told), told)
    expect('beat: 2 alerts, running version 2; 1 gained, 1 lost' in told, told)
    expect('0.5 alerts a day over 4.0 days, before 0.5' in told, told)
    told = run('backtest', '--show', '1', changed, archive, profiles=folder)
    expect('… 1 more' in told and '+ ' not in told, told)

    new = write(os.path.join(folder, 'changed', 'new.toml'), beat('headline:(rain OR sun)'))
    told = run('backtest', new, archive, profiles=folder)
    expect('no version is running; 2 gained, 0 lost' in told, told)
    expect('alerts a day over' in told and 'before' not in told, 'it tells of a version that there is not: ' + told)
    both = write(os.path.join(folder, 'changed', 'both.toml'), beat('headline:rain OR headline:rai* OR headline:(sun OR rain)'))
    told = run('backtest', both, archive, profiles=folder)
    expect('    because: Rain (headline)\n' in told, 'a reason is told twice: ' + told)
    bad = write(os.path.join(folder, 'changed', 'bad.toml'), beat('(rain'))
    run('backtest', bad, archive, profiles=folder, status=78)
    told = run('backtest', new, os.path.join(folder, 'absent.ndjson'), profiles=folder, status=1)
    expect('gained' not in told, 'a result after a failure: ' + told)
    told = run('backtest', new, folder, profiles=folder, status=1)
    expect('is a directory' in told and 'gained' not in told, told)
    told = run('backtest', new, archive, profiles=folder)
    expect('warning: no profile "new" is in ' in told, told)
    told = run('backtest', new, '--id', 'beat', archive, profiles=folder)
    expect('beat: 2 alerts, running version 2; 2 gained, 2 lost' in told and 'warning' not in told, told)
    told = run('backtest', new, '--id', 'beta', archive, profiles=folder, status=2)
    expect('no profile "beta" is in ' in told, told)
    told = run('backtest', changed, profiles=folder, text=open(archive, encoding='utf-8').read())
    expect('beat: 2 alerts, running version 2; 1 gained, 1 lost' in told, told)


def test_an_interrupted_backtest(folder):
    changed = write(os.path.join(folder, 'changed', 'beat.toml'), beat('headline:rain'))
    write(os.path.join(folder, 'beat.toml'), beat('headline:sun'))
    pipe = os.path.join(folder, 'archive')
    os.mkfifo(pipe)
    command = [program, 'backtest', changed, pipe, '--set', 'profiles.directory=' + folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as replay:
        with open(pipe, 'w', encoding='utf-8') as archive:  # When the command has opened it.
            replay.send_signal(signal.SIGINT)
            archive.write('{"title": "Rain", "text": "Some text."}\n')
        told, fault = replay.communicate(timeout=60)
    expect(replay.returncode == 130 and '0 articles' in told and 'interrupted' in fault,
           'an interrupted backtest: %d\n%s%s' % (replay.returncode, told, fault))


def test_backtest_of_a_topic(folder):
    """The embedded broker of `up`, which has the sample news on its topic of raw articles."""
    write(os.path.join(folder, 'beat.toml'), beat('headline:earthquake'))
    changed = write(os.path.join(folder, 'changed', 'beat.toml'), beat('headline:(earthquake OR minister OR quake OR seísmo)'))
    with subprocess.Popen([program, 'up', '--set', 'http.port=0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as up:
        try:
            text = ''
            while not (found := re.search(r'-b (127\.0\.0\.1:\d+)', text)):
                line = up.stdout.readline()
                if not line:
                    break
                text += line
            while 'ALERT' not in text:  # By then the sample is on its topic.
                line = up.stdout.readline()
                if not line:
                    break
                text += line
            broker = 'kafka.brokers=' + found.group(1)

            def replay(*more, status=0):
                return run('backtest', changed, '--topic', '--set', broker, *more, profiles=folder, status=status)

            told = replay()
            whole = re.search(r'(\d+) articles, (\d+) unreadable, \d+ articles/s', told)
            expect(whole and int(whole.group(1)) > 50, told)
            expect(re.search(r'beat: \d+ alerts, running version \d+; [1-9]\d* gained, 0 lost', told), told)
            told = replay('--from', '1', '--to', '3')
            part = re.search(r'(\d+) articles, (\d+) unreadable', told)
            expect(part and 0 < int(part.group(1)) + int(part.group(2)) < int(whole.group(1)), told)
            told = replay('--from', '1000000')
            expect('0 articles, 0 unreadable' in told, told)
            told = replay('--from', 'yesterday', status=2)
            expect('neither an offset nor a time' in told, told)
        finally:
            up.terminate()
    run('backtest', changed, '--topic', profiles=folder, status=2)
    told = run('backtest', changed, '--topic', '--set', 'kafka.brokers=127.0.0.1:1', profiles=folder, status=69)
    expect('gained' not in told, 'a result without a broker: ' + told)


def test_check_of_profiles_on_a_topic(folder):
    """Those that an enricher would read from Kafka are held against their examples as those of the folder are."""
    if not shutil.which('kcat'):
        print('kcat is not installed: profiles on a topic are not checked')
        return
    write(os.path.join(folder, 'beat.toml'), beat('headline:korea'))
    with subprocess.Popen([program, 'up', '--set', 'http.port=0'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as up:
        try:
            found = None
            while not found and (line := up.stdout.readline()):
                found = re.search(r'-b (127\.0\.0\.1:\d+)', line)
            broker = found.group(1)

            def check(key, text, status):
                # Of a file kcat makes one message.
                subprocess.run(['kcat', '-P', '-q', '-b', broker, '-t', 'wirewatch.profiles', '-k', key,
                                write(os.path.join(folder, 'changed', key), text)], timeout=60, check=True)
                return run('check', '--set', 'kafka.brokers=' + broker, '--set', 'kafka.topic_profiles=wirewatch.profiles',
                           profiles=folder, status=status)

            told = check('more', beat('headline:japan'), 0)
            expect('1 profile is on wirewatch.profiles' in told and '2 profiles are valid' in told, told)
            told = check('beat', beat('(rain'), 78)
            expect('profile beat:2:' in told, told)
        finally:
            up.terminate()


for test in (test_check, test_check_of_profiles_on_a_topic, test_what_run_and_up_refuse,
             test_a_folder_without_profiles, test_words_on_the_command_line, test_input_and_output,
             test_own_names, test_classify_explains, test_a_canary_without_its_profile, test_explain, test_backtest,
             test_an_interrupted_backtest, test_backtest_of_a_topic):
    with tempfile.TemporaryDirectory() as temporary:
        os.mkdir(os.path.join(temporary, 'changed'))
        test(temporary)
for failure in failures:
    print(failure)
print('%d failures' % len(failures))
sys.exit(1 if failures else 0)
