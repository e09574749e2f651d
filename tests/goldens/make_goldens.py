"""Makes the golden packs: random one-operator models and what TensorFlow Lite Micro computes with them.

    python make_goldens.py [--only PREFIX] [--out FOLDER]
"""

import argparse
import pathlib

import pack
import runner
from draw import Draw
from families import ALL_PACKS


def tensor_bytes(tensors):
    return b"".join(t.tobytes() for t in tensors)


def make_pack(name, count, make_case):
    """The cases of one pack that TFLM accepts; each has a seed of its own, so that none depends on others."""
    cases = []
    for index in range(count):
        case = make_case(Draw(name, index), index)
        outputs = runner.run(case.model, case.inferences, case.outputs)
        if outputs is not None:
            pairs = [(tensor_bytes(i), tensor_bytes(o)) for i, o in zip(case.inferences, outputs)]
            cases.append((f"{index:03}_{case.name}", case.model, pairs))
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default="", help="make only the packs whose name starts so")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    arguments = parser.parse_args()
    for name, (count, make_case) in ALL_PACKS.items():
        if not name.startswith(arguments.only):
            continue
        cases = make_pack(name, count, make_case)
        path = arguments.out / f"{name}.pack"
        pack.write(path, cases)
        print(f"{name:32} {len(cases):4} cases, {count - len(cases):3} refused by TFLM,"
              f" {path.stat().st_size:8} bytes", flush=True)


if __name__ == "__main__":
    main()
