"""Records what pandas makes of small files: the shape and the columns after `read_csv` and after each further step.

    python test/oracle/pandas/record.py        writes recorded.json beside this script

Every file is read in every way, and every step is taken on the tables of the plain ones; at last chains of steps are
put together at random from a fixed seed.
"""

import contextlib
import io
import json
import os
import pathlib
import random
import tempfile
import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

warnings.simplefilter('ignore')

FILES = {
    'plain.csv': 'a,b,c,label\n1,2,3,0\n4,5,6,1\n7,8,9,0\n2,2,2,1\n5,5,5,0\n6,1,0,1\n',
    'semicolon.csv': 'a;b;label\n1,5;2;0\n4;5;1\n',
    'tabs.tsv': 'x\ty\tz\n1\t2\t3\n4\t5\t6\n\n7\t8\t9\n',
    'no_header.csv': '5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n6.3,3.3,6.0,2.5,virginica\n',
    'quoted.csv': 'name,"the ""text"", quoted",n\n"a, b","two\nlines",1\nc,d,2\n',
    'index.csv': ',a,b\n0,1,2\n1,3,4\n',
    'repeated.csv': 'a,a,b,a,a.1\n1,2,3,4,5\n6,7,8,9,10\n',
    'empty_names.csv': 'a,,b,\n1,2,3,4\n',
    'leading.csv': 'a,b\nx,1,2\ny,3,4\n',
    'trailing.csv': 'a,b,c\n1,2,3,\n4,5,6,\n',
    'short_rows.csv': 'a,b,c\n1,2\n3,4,5\n6\n',
    'blank_lines.csv': '\n\na,b\n1,2\n\n3,4\n   \n',
    'comments.csv': '# made by hand\na,b\n1,2\n# more\n3,4 # the end\n',
    'spaces.txt': 'a  b   c\n1 2  3\n  4 5 6\n',
    'windows.csv': 'a,b\r\n1,2\r\n3,4\r\n',
    'bom.csv': '\ufeffa,b\n1,2\n',
    'only_header.csv': 'a,b,c\n',
    'numbers.csv': '1,2,3\n4,5,6\n7,8,9\n',
    'padded.csv': 'a, b, c\n1, 2, 3\n4, 5, 6\n',
    'one_column.csv': 'value\n1\n2\n3\n',
    'preamble.csv': 'title of it\nmade today\na,b,c\n1,2,3\n4,5,6\n',
}

WAYS = [
    '', "sep=';'", "sep='\\t'", 'header=None', 'header=0', 'header=1', 'header=2', "names=['p', 'q', 'r']",
    "names=['p', 'q', 'r'], header=0", "names=['p', 'q'], header=None", 'index_col=0', "index_col='a'",
    'index_col=False', 'index_col=[0, 1]', "usecols=['a', 'b']", 'usecols=[0, 1]', 'usecols=[1, 0]',
    "usecols=['b', 'a'], index_col='a'", 'nrows=1', 'nrows=2', 'nrows=100', 'skiprows=1', 'skiprows=2',
    "skiprows=2, names=['p', 'q', 'r']", "comment='#'", "sep='\\\\s+'", 'skipinitialspace=True',
    "skipfooter=1, engine='python'", "na_values='?'", "dtype=str", "encoding='utf-8'", "parse_dates=True",
    "header=None, names=['p', 'q', 'r', 's', 't']", 'header=None, nrows=2', "names=['p', 'q', 'r', 's', 't', 'u']",
]

STEPS = [
    "df['a']", "df[['a', 'b']]", "df[['b']]", "df.drop('label', axis=1)", "df.drop(columns=['label', 'a'])",
    "df.drop(['a'], axis='columns')", "df.drop('a', axis=1, errors='ignore')", 'df.drop(0)', 'df.drop(index=[0, 1])',
    "df.pop('label')", 'df.iloc[:, :-1]', 'df.iloc[:, -1]', 'df.iloc[:, 0:2]', 'df.iloc[1:4, 1:]', 'df.iloc[0]',
    'df.iloc[[0, 2]]', 'df.iloc[:, [0, 2]]', 'df.iloc[:2]', 'df.iloc[:, 1:2]', 'df.iloc[::2, :]',
    "df.loc[:, 'a':'c']", "df.loc[:, ['a', 'c']]", "df.loc[:, 'b']", 'df.loc[:3]', "df.loc[df['a'] > 3]",
    "df.loc[df['a'] > 3, 'b']", 'df.values', 'df.to_numpy()', "df['a'].values", "df[['a']].values", 'df.T',
    'df.astype("float32")', 'df.fillna(0)', 'df.dropna()', 'df.dropna(axis=1)', 'df.head()', 'df.head(2)', 'df.tail(3)',
    'df.sample(frac=1)', 'df.sample(n=3)', 'df.sample(frac=0.5)', 'df.copy()', 'df.reset_index(drop=True)',
    'df.reset_index()', "df.set_index('a')", "df.set_index(['a', 'b'])", "df.set_index('a', drop=False)",
    "df.rename(columns={'a': 'z'})", "df.rename(columns={'nothing': 'z'})", 'df.describe()', 'df.mean()', 'df.std(axis=1)',
    '(df - df.mean()) / df.std()', 'df / 255', 'df * 2 + 1', '-df', "df['a'] + df['b']", "df['a'] * 2", "df['a'] > 2",
    'df > 2', 'df[df > 2]', "df[df['a'] > 2]", "df[(df['a'] > 2) & (df['b'] < 9)]", "df[~df['a'].isin([1, 4])]",
    'df[1:3]', 'df[:-1]', 'df.isna()', "df['a'].isnull()", 'df.drop_duplicates()', "df.query('a > 2')",
    "df.sort_values('a')", "df.assign(z=df['a'])", 'df.select_dtypes("number")', "pd.get_dummies(df, columns=['a'])",
    "pd.get_dummies(df['a'])", "pd.concat([df, df])", 'pd.concat([df, df], ignore_index=True)',
    "pd.concat([df[['a']], df[['b']]], axis=1)", 'pd.DataFrame(df.values)', 'pd.DataFrame(df.values, columns=list(df))',
    "pd.DataFrame({'a': [1, 2], 'b': [3, 4]})", "pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=['a', 'b', 'c'])",
    'pd.DataFrame(np.zeros((4, 3)))', "df[list(df.columns[:2])]", 'df[df.columns[:-1]]',
    "df[[c for c in df.columns if c != 'label']]", "df[df.columns.tolist()]", 'np.array(df)', "np.array(df['a'])",
    "df['a'].values.reshape(-1, 1)", "np.expand_dims(df['a'], -1)", 'StandardScaler().fit_transform(df)',
    'train_test_split(df, test_size=0.5)[0]', "train_test_split(df, df['a'], test_size=0.5)[2]", 'df.shape',
    'df[["a", "b"]].shape', "df['a'].shape", 'df.a', 'df.label', "df['a'].map({1: 0})", "df['a'].to_numpy()",
    "df['a'].unique()", "df.get('a')", 'df.keys()', 'df.columns', 'df.clip(0, 1)', 'df.shift(1)', 'df.diff()',
    "df.replace(1, 0)", "df.corr()", "df.merge(df, on='a')", "df['a'].to_frame()", "pd.to_numeric(df['a'])",
    "df.filter(['a', 'b'])", "df['a'].astype(int)", "np.asarray(df, dtype='float32')", "df['nothing']", "df[['a', 'nothing']]",
    "df.drop('nothing', axis=1)", 'dict(df)["a"]', "df['a'].value_counts()", 'df.apply(lambda c: c * 2)',
]

CHANGES = [
    "df['new'] = df['a']", "df['a'] = 0", "df[['x', 'y']] = 0", "del df['b']", "df.pop('c')",
    "df.drop('c', axis=1, inplace=True)", "df.drop(columns='b', inplace=True)", 'df.dropna(inplace=True)',
    "df.columns = ['k', 'l', 'm', 'n']", "df.insert(0, 'first', 1)", "df.rename(columns={'a': 'z'}, inplace=True)",
    'df.reset_index(drop=True, inplace=True)', 'df.reset_index(inplace=True)', "df.set_index('a', inplace=True)",
    "df.loc[0, 'a'] = 5", "df.loc[:, 'more'] = 1", 'df.loc[len(df)] = 0', 'df.iloc[0, 0] = 9', 'df = df.iloc[1:]',
    "df = df[df['b'] > 2]", "df = df.drop('b', axis=1)", "df.fillna(0, inplace=True)", "df.loc[df['a'] > 3, 'a'] = 0",
    "for c in df.columns:\n    df[c] = df[c] / 2", "for c in ['u', 'v']:\n    df[c] = 1", "df = df.copy()",
    "df.sort_values('b', inplace=True)", "df = df.drop_duplicates()", "df = pd.concat([df, df])",
    "other = df\nother['shared'] = 1", "def change(t):\n    t['inside'] = 1\nchange(df)",
]

LAST = ['df', 'df.values', 'df.iloc[:, :-1]', "df.drop('label', axis=1)", "df[['a', 'b']]", "df['b']", 'df.shape', 'df.T']

HEAD = 'import numpy as np\nimport pandas as pd\n'
MORE = HEAD + 'from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n'


def answer(program):
    names = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(program, names)  # noqa: S102
    except Exception as error:  # noqa: BLE001
        return {'raises': type(error).__name__}
    result = names['result']
    if isinstance(result, tuple):
        return {'tuple': list(result)}
    if not hasattr(result, 'shape'):
        return {'other': type(result).__name__}
    found = {'shape': list(result.shape)}
    if isinstance(result, pd.DataFrame):
        found['columns'] = [c if isinstance(c, (str, int)) else str(c) for c in result.columns.tolist()]
    return found


def main():
    random.seed(7)
    programs = []
    for name in FILES:
        for way in WAYS:
            comma = ', ' if way else ''
            programs.append(f"{HEAD}result = pd.read_csv('{name}'{comma}{way})\n")
    read = "df = pd.read_csv('plain.csv')\n"
    for step in STEPS:
        programs.append(f'{MORE}{read}result = {step}\n')
    for change in CHANGES:
        for last in LAST:
            programs.append(f'{MORE}{read}{change}\nresult = {last}\n')
    for _ in range(600):
        changes = '\n'.join(random.sample(CHANGES, random.randint(2, 4)))
        programs.append(f'{MORE}{read}{changes}\nresult = {random.choice(LAST + STEPS)}\n')
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            pathlib.Path(folder, name).write_bytes(text.encode())
        os.chdir(folder)
        rows = [{'program': program, **answer(program)} for program in programs]
    with open(here / 'recorded.json', 'w', encoding='utf-8') as out:
        json.dump({'pandas': pd.__version__, 'files': FILES}, out, ensure_ascii=False)
        out.seek(out.tell() - 1)
        out.write(', "rows": [\n' + ',\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + '\n]}\n')
    print(len(rows), 'rows', sum('raises' in row for row in rows), 'raise')


assert np is not None and train_test_split is not None and StandardScaler is not None
main()
