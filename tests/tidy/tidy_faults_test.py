#!/usr/bin/env python3
"""A check that finds nothing proves nothing: every fault that tidy_test.py looks for is found in a tree that has it.

    tidy_faults_test.py
"""

import os
import shutil
import subprocess
import sys
import tempfile

tidy = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'tidy_test.py')
OPTIONS = ''.join('      {"a.b", &Config::a_b%02d, "", 0, 0, "", ""},\n' % i for i in range(40))
CLEAN = {
    'CMakeLists.txt': 'add_library(a common/region/a.cc common/config/config.cc common/telemetry/telemetry.cc services/s/s.cc)\n',
    'common/region/a.cc': '#include "common/region/a.h"\n\nint f() {\n  return 1;  // TODO(ann): 2.\n}\n',
    'common/region/a.h': 'int f();\n',
    'common/config/config.cc': 'const Option options[] = {\n' + OPTIONS + '};\n',
    'common/telemetry/metric_catalogue.h': 'enum MetricIndex : int {\n  kUp,\n  kMetricCount,\n};\n',
    'common/telemetry/telemetry.cc': '#include "common/telemetry/metric_catalogue.h"\n\nint up = kUp;\n',
    'services/s/s.cc': 'int s() {\n  return ' + ' + '.join('config.a_b%02d' % i for i in range(40)).replace(' + ', ' +\n         ') + ';\n}\n',
    'README.md': '# A\n',
}
FAULTS = [
    ({'README.md': '# A\n' + 'word ' * 40 + 'end\n'}, 'README.md:2 has 203 characters'),
    ({'README.md': '# A'}, 'does not end with'),
    ({'common/region/a.h': 'int f(); \n'}, 'ends with spaces'),
    ({'common/region/a.h': 'int f();  // TO' + 'DO: more\n'}, 'TO' + 'DO without an owner'),
    ({'common/region/a.cc': '#include "common/region/a.h"\n\nclass A {\n public:\n  int f(int a,\n        int b) const {\n' + '    f();\n' * 70
      + '  }\n};\n'}, 'a.cc:5: f() has 73 lines'),
    ({'common/region/a.h': '#include <fstream>\n\nint f();\n'}, 'is of the core and has #include <fstream>'),
    ({'common/region/a.h': 'inline auto f() { return std::chrono::system_clock::now(); }\n'}, 'is of the core and has system_clock'),
    ({'common/region/a.h': 'std::regex f();\n'}, 'std::regex'),
    ({'common/region/b.cc': 'int g();\n'}, 'b.cc is built by no'),
    ({'common/region/b.h': 'int g();\n'}, 'b.h is included by nothing'),
    ({'tests/CMakeLists.txt': '# Later.\n'}, 'says nothing'),
    ({'services/s/s.cc': CLEAN['services/s/s.cc'].replace('a_b07', 'a_b08')}, 'nothing reads the option a_b07'),
    ({'common/telemetry/telemetry.cc': '#include "common/telemetry/metric_catalogue.h"\n\nint up();\n'}, 'nothing sets the metric kUp'),
]


def judge(files):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['git', 'init', '-q', folder], check=True)
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        return subprocess.run([sys.executable, tidy, folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout


if not shutil.which('git'):
    print('skipped: git is not installed')
    sys.exit(77)
failures = 0
said = judge(CLEAN)
if said != '0 failures\n':
    failures += 1
    print('a clean tree is not clean:\n' + said)
for changes, wanted in FAULTS:
    said = judge({**CLEAN, **changes})
    if wanted not in said or not said.endswith('\n1 failures\n'):
        failures += 1
        print('wanted "%s" and nothing else, and it said:\n%s' % (wanted, said))
print('%d failures' % failures)
sys.exit(1 if failures else 0)
