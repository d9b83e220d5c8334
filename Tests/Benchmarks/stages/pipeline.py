"""Writes the same graph of trivial stages for roost, for Luigi or for dbt.

usage: pipeline.py roost|luigi|dbt chain|wide COUNT FOLDER
"""

import pathlib
import sys

tool, shape, count, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
folder.mkdir(parents=True, exist_ok=True)


def before(place):
    return place - 1 if shape == "chain" else 0


if tool == "roost":
    (folder / "roost.yaml").write_text(
        'roost: 1\nconnections: { shop: "${SHOP_DATABASE_URL}" }\nstate: shop\n'
    )
    lines = [
        f"pipeline: {shape}_{count}",
        "stages:",
        "  s0: { extract: { from: shop, table: trivial.users, key: user_id, timeless: a benchmark } }",
    ]
    lines += [
        f'  s{i}: {{ clean: {{ input: s{before(i)}, steps: [ {{ set: {{ x: "x + 1" }} }} ] }} }}'
        for i in range(1, count)
    ]
    (folder / "pipeline.yaml").write_text("\n".join(lines) + "\n")
elif tool == "luigi":
    (folder / "tasks.py").write_text(
        f"""import luigi


class Stage(luigi.Task):
    place = luigi.IntParameter()
    done = set()

    def requires(self):
        if self.place == 0:
            return []
        return [Stage(place={"self.place - 1" if shape == "chain" else "0"})]

    def run(self):
        Stage.done.add(self.place)

    def complete(self):
        return self.place in Stage.done


class All(luigi.WrapperTask):
    def requires(self):
        return [Stage(place=i) for i in range({count})]
"""
    )
else:
    models = folder / "models"
    models.mkdir(exist_ok=True)
    (folder / "dbt_project.yml").write_text(
        "name: trivial\nversion: 1.0.0\nprofile: trivial\nmodel-paths: [models]\n"
        "models: { +materialized: table }\n"
    )
    (models / "s0.sql").write_text("select user_id, x from trivial.users\n")
    for i in range(1, count):
        (models / f"s{i}.sql").write_text(
            f"select user_id, x + 1 as x from {{{{ ref('s{before(i)}') }}}}\n"
        )
