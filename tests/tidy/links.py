#!/usr/bin/env python3
"""Who calls whom, from the symbols of the object files: no circle between two sources, within a folder or between folders. With --all prints every arrow.

The includes say what a source may use (layers.txt); this says what it does use. A circle means that neither source can be read, tested or replaced alone."""
import pathlib
import subprocess
import sys


def symbols(build):
    """Of each source: the global names that it defines and those that it needs."""
    defined, needed = {}, {}
    for path in sorted(build.rglob("*.o")):
        name = str(path.relative_to(build))[:-2]
        if name.split("/")[0] in ("tests", "gen") or not pathlib.Path(name + ".c").exists():  # left from a source that moved
            continue
        needed[name] = set()
        for line in subprocess.run(["nm", "-g", path], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines():
            kind, symbol = line.split()[-2:]
            if kind == "U":
                needed[name].add(symbol)
            elif kind not in ("w", "v"):
                defined[symbol] = name
    return defined, needed


def circles(graph):
    """Strongly connected components of more than one node (Tarjan, without recursion)."""
    index, low, stack, on, found = {}, {}, [], set(), []
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        while work:
            node, arrows = work[-1]
            for to in arrows:
                if to not in index:
                    index[to] = low[to] = len(index)
                    stack.append(to)
                    on.add(to)
                    work.append((to, iter(sorted(graph[to]))))
                    break
                if to in on:
                    low[node] = min(low[node], index[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on.discard(part[-1])
                    if len(part) > 1:
                        found.append(sorted(part))
    return found


def main():
    build = pathlib.Path(sys.argv[1])
    defined, needed = symbols(build)
    graph = {name: {defined[s] for s in wants if s in defined and defined[s] != name} for name, wants in needed.items()}
    if "--all" in sys.argv:
        for name in sorted(graph):
            print(name, "->", " ".join(sorted(graph[name])))
    folders = {}
    for name, to in graph.items():
        folder = name.rsplit("/", 1)[0]
        folders.setdefault(folder, set()).update(t.rsplit("/", 1)[0] for t in to if t.rsplit("/", 1)[0] != folder)
    status = 0
    for what, parts in (("sources", circles(graph)), ("folders", circles(folders))):
        for part in parts:
            print(f"links: {what} in a circle: {' '.join(part)}")
            for name in part:
                inside = sorted(set(part) & (graph if what == "sources" else folders)[name])
                print(f"    {name} -> {' '.join(inside)}")
            status = 1
    if status == 0:
        print(f"links: {len(graph)} sources, {sum(map(len, graph.values()))} arrows, no circle")
    return status


if __name__ == "__main__":
    sys.exit(main())
