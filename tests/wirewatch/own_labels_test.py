#!/usr/bin/env python3
"""A newsroom's own labels from end to end: articles with labels, one model file, and the labels in the events.

    own_labels_test.py PROGRAM TRAINER SOURCE_TREE            what labels are given
    own_labels_test.py PROGRAM TRAINER SOURCE_TREE --schema   that the events are what their schema says

With --schema it ends with 77 where python3-jsonschema is absent.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile

program, trainer, root = sys.argv[1:4]
against_schema = sys.argv[4:] == ['--schema']
if against_schema:
    try:
        import jsonschema
    except ImportError:
        print('python3-jsonschema is not installed: skipped')
        sys.exit(77)

failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)


def write(path, articles):
    with (gzip.open(path, 'wt', encoding='utf-8') if path.endswith('.gz') else
          open(path, 'w', encoding='utf-8')) as file:
        file.writelines(json.dumps(article, ensure_ascii=False) + '\n' for article in articles)
    return path


def train(folder, name, articles, *options):
    model = os.path.join(folder, name + '.bin')
    subprocess.run([trainer, 'labels', '--input', write(os.path.join(folder, name + '.jsonl.gz'), articles),
                    '--scheme', name, '--output', model, *options], check=True, stdout=subprocess.DEVNULL)
    return model


def classify(folder, articles, *settings, status=0):
    done = subprocess.run([program, 'classify', '--json', write(os.path.join(folder, 'in.ndjson'), articles),
                           *(word for setting in settings for word in ('--set', setting))],
                          capture_output=True, text=True, check=False)
    expect(done.returncode == status, 'status %d, not %d: %s' % (done.returncode, status, done.stderr))
    return [json.loads(line)['enrichment'] for line in done.stdout.splitlines()], done.stderr


SENTENCES = {
    'harbour': ['Dockers unloaded the container ship at the quay.', 'The port crane lifted cargo from the vessel.',
                'A tanker waited outside the harbour for a pilot.', 'Containers piled up at the terminal on the quay.'],
    'court': ['The judge sentenced the accused to three years.', 'A jury heard the prosecutor on the first day of trial.',
              'The appeal was dismissed by the court on Monday.', 'Lawyers for the defendant asked the judge for bail.'],
    'garden': ['Roses flower early after a mild winter.', 'Gardeners prune the apple trees in February.',
               'Tulips and daffodils were planted along the lawn.', 'Compost helps tomatoes in the vegetable bed.'],
}


def stories(label, count):
    sentences = SENTENCES[label]
    for number in range(count):
        yield {'title': sentences[number % 4], 'body': ' '.join(sentences[(number + step) % 4] for step in (1, 2))}


def test_one_label_each(folder):
    articles = [dict(story, label=label) for label in SENTENCES for story in stories(label, 12)]
    model = train(folder, 'desk', articles)
    asked = [{'title': 'Container ship at the quay', 'text': 'The vessel waits for a pilot and a crane at the port.'},
             {'title': 'Jury hears prosecutor', 'text': 'The judge refused bail to the accused, lawyers said.'},
             {'title': 'Tomatoes and roses', 'text': 'Gardeners plant tulips, prune trees and spread compost.'}]
    events, _ = classify(folder, asked, 'data.label_model=' + model)
    for event, label in zip(events, SENTENCES):
        labels = event.get('labels', [])
        expect([(entry['scheme'], entry['id']) for entry in labels] == [('desk', label)], '%s: %s' % (label, labels))
        expect(all(set(entry) == {'scheme', 'id', 'confidence'} and 0.3 < entry['confidence'] <= 1 for entry in labels),
               'entries: %s' % labels)
    told = subprocess.run([program, 'classify', os.path.join(folder, 'in.ndjson'), '--set', 'data.label_model=' + model],
                          capture_output=True, text=True, check=True).stdout
    for label, word in (('harbour', 'vessel'), ('court', 'judge'), ('garden', 'compost')):
        lines = [line for line in told.splitlines() if line.startswith('  label     desk:%s ' % label)]
        expect(len(lines) == 1 and word + ' +' in lines[0], 'the label is not explained: %s' % told)
    plain, _ = classify(folder, asked)
    expect(all('labels' not in event for event in plain), 'labels without a model')
    expect([event['topics'] for event in plain] == [event['topics'] for event in events],
           'the second model changes the topics')
    expect(plain[0]['rules'] != events[0]['rules'], 'the version of the rules does not tell that there are labels')
    return events


def test_many_labels(folder):
    articles = [dict(story, label=[label]) for label in SENTENCES for story in stories(label, 12)]
    for one, two in (('harbour', 'court'), ('court', 'garden')):
        articles += [{'title': a['title'], 'body': a['body'] + ' ' + b['title'] + ' ' + b['body'], 'label': [one, two]}
                     for a, b in zip(stories(one, 12), stories(two, 12))]
    articles += [{'title': 'Nothing of the kind', 'body': 'It rained again in the hills, number %d.' % number, 'label': []}
                 for number in range(12)]
    model = train(folder, 'subjects', articles)
    asked = [{'title': 'Dockers in court',
              'text': 'A jury heard the prosecutor and the judge; containers wait at the port on the quay for a crane.'},
             {'title': 'It rained again', 'text': 'In the hills it rained again.'}]
    events, _ = classify(folder, asked, 'data.label_model=' + model)
    expect({entry['id'] for entry in events[0].get('labels', [])} == {'harbour', 'court'}, 'two: %s' % events[0])
    expect(not events[1].get('labels'), 'none: %s' % events[1])
    return events


def test_profile(folder):
    """A profile can ask for a label."""
    articles = [dict(story, label=label) for label in SENTENCES for story in stories(label, 12)]
    model = train(folder, 'desk', articles)
    beats = os.path.join(folder, 'beats')
    os.mkdir(beats)
    with open(os.path.join(beats, 'harbour.toml'), 'w', encoding='utf-8') as file:
        file.write('title = "Harbour"\nquery = "label:desk:harbour AND crane"\n')
    asked = [{'title': 'Ship at the quay', 'text': 'The vessel waits for a pilot and a crane at the port.'}]
    events, _ = classify(folder, asked, 'data.label_model=' + model, 'profiles.directory=' + beats)
    expect([match['profile'] for match in events[0]['matches']] == ['harbour'], 'no match: %s' % events[0])


def test_bad_models(folder):
    old = os.path.join(folder, 'old.bin')
    with open(os.path.join(root, 'common', 'topic', 'data', 'language_model.bin'), 'rb') as shipped, open(old, 'wb') as file:
        data = bytearray(shipped.read(4096))
        data[8] -= 1
        file.write(data)
    for path, why in ((old, 'another version of the format; train it again'),
                      (folder, 'is a directory; see data.label_model'),
                      (os.path.join(folder, 'absent.bin'), 'absent.bin'),
                      (os.path.join(root, 'common', 'topic', 'data', 'language_model.bin'), 'another kind'),
                      (write(os.path.join(folder, 'text.bin'), [{'no': 'model'}] * 20), 'not a model')):
        _, told = classify(folder, [], 'data.label_model=' + path, status=78)
        expect(why in told, '%s: %s' % (path, told))


def test_trainer_refuses(folder):
    """Wrong arguments are told before the training, not after it or not at all."""
    articles = write(os.path.join(folder, 'in.jsonl'), [dict(story, label=label) for label in SENTENCES for story in stories(label, 12)])
    model = os.path.join(folder, 'out.bin')
    for arguments, status, why in (
            (['--input', articles, '--sceme', 'desk', '--output', model], 2, '--sceme'),
            (['--input', articles, '--rows', '40k', '--output', model], 2, '--rows: Value 40k not in range'),
            (['--input', articles, '--scheme', '', '--output', model], 2, '--scheme: wants a text'),
            (['--input', articles], 2, '--output is required'),
            (['--output', model], 2, '--input is required'),
            (['--input', folder, '--output', model], 2, 'actually a directory'),
            (['--input', articles, '--output', folder], 1, 'cannot write ' + folder),
            (['--input', articles, '--output', os.path.join(folder, 'absent', 'out.bin')], 1, 'cannot write')):
        done = subprocess.run([trainer, 'labels', *arguments], capture_output=True, text=True, check=False)
        expect(done.returncode == status and why in done.stderr and not done.stdout,
               '%s: %d, %s%s' % (arguments, done.returncode, done.stdout, done.stderr))
    expect(os.listdir(folder) == ['in.jsonl'], 'something is left: %s' % os.listdir(folder))
    link = os.path.join(folder, 'link.bin')
    os.symlink(model, link)
    subprocess.run([trainer, 'labels', '--input', articles, '--output', link], check=True, stdout=subprocess.DEVNULL)
    expect(sorted(os.listdir(folder)) == ['in.jsonl', 'link.bin', 'out.bin'] and os.path.islink(link), 'through a link: %s' % os.listdir(folder))



def check_schema(events):
    with open(os.path.join(root, 'deploy', 'schemas', 'enriched-event.schema.json'), encoding='utf-8') as file:
        schema = json.load(file)['properties']['enrichment']
    expect(any(event.get('labels') for event in events), 'no event with labels to check')
    for event in events:
        for error in jsonschema.Draft202012Validator(schema).iter_errors(event):
            failures.append('schema: %s' % error.message)


seen = []
tests = (test_one_label_each, test_many_labels)
for test in tests if against_schema else (*tests, test_profile, test_bad_models, test_trainer_refuses):
    with tempfile.TemporaryDirectory() as scratch:
        seen += test(scratch) or []
if against_schema:
    check_schema(seen)
for failure in failures:
    print('FAILED: ' + failure)
sys.exit(1 if failures else 0)
