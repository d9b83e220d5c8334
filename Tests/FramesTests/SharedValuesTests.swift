import Frames
import TestSupport
import Testing

/// Connected components against the definition, on random graphs of nodes and values.
@Suite struct SharedValuesTests {
  private struct Graph {
    var links: [(node: Int, value: Int)]
    let nodeCount: Int
    let kindStarts: [Int32]

    func kind(_ value: Int) -> Int { kindStarts.lastIndex { Int($0) <= value } ?? 0 }
    var input: SharedValues.Links {
      SharedValues.Links(
        nodes: links.map { Int32($0.node) }, values: links.map { Int32($0.value) },
        kindStarts: kindStarts)
    }
  }

  private func graph(_ random: inout SeededGenerator) -> Graph {
    let nodeCount = Int.random(in: 0...40, using: &random)
    let kinds = Int.random(in: 1...4, using: &random)
    var starts: [Int32] = [0]
    for _ in 0..<kinds {
      starts.append(starts[starts.count - 1] + Int32.random(in: 0...15, using: &random))
    }
    let values = Int(starts[kinds])
    let links = (0..<Int.random(in: 0...60, using: &random)).compactMap {
      _ -> (node: Int, value: Int)? in
      guard nodeCount > 0, values > 0 else { return nil }
      return (
        Int.random(in: 0..<nodeCount, using: &random), Int.random(in: 0..<values, using: &random)
      )
    }
    return Graph(links: links, nodeCount: nodeCount, kindStarts: starts)
  }

  @Test func `components, distances and evidence are those of the definition`() {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<400 {
      let graph = graph(&random)
      let limit = Bool.random(using: &random) ? Int.random(in: 1...6, using: &random) : nil
      let found = SharedValues(graph.input, nodeCount: graph.nodeCount, limit: limit)
      let members = Dictionary(grouping: graph.links, by: \.value)
        .mapValues { Set($0.map(\.node)) }
      let tying = members.filter { limit == nil || $0.value.count <= limit! }
      let count = graph.nodeCount
      func shared(_ a: Int, _ b: Int) -> [Int] {
        a == b ? [] : tying.filter { $0.value.contains(a) && $0.value.contains(b) }.map(\.key)
      }
      // Floyd and Warshall.
      var steps = (0..<count).map { a in
        (0..<count).map { b in a == b ? 0 : shared(a, b).isEmpty ? 1000 : 1 }
      }
      for k in 0..<count {
        for a in 0..<count {
          for b in 0..<count { steps[a][b] = min(steps[a][b], steps[a][k] + steps[k][b]) }
        }
      }
      for node in 0..<count {
        let cluster = (0..<count).filter { steps[node][$0] < 1000 }
        let root = cluster[0]
        #expect(found.roots[node] == root)
        #expect(found.sizes[node] == (node == root ? cluster.count : 0))
        let parent = cluster.first {
          steps[root][$0] == steps[root][node] - 1 && !shared(node, $0).isEmpty
        }
        #expect(found.parents[node] == parent.map(Int32.init) ?? -1)
        let kinds = parent.map { shared(node, $0).map(graph.kind) } ?? []
        #expect(found.kinds[node] == kinds.reduce(0) { $0 | 1 << UInt64($1) })
      }
      for kind in 0..<(graph.kindStarts.count - 1) {
        let left = members.filter { graph.kind($0.key) == kind && tying[$0.key] == nil }
        #expect(found.ignored[kind] == left.count)
      }
    }
  }

  @Test func `neither the order of the links nor repeats of them matter`() {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<200 {
      let graph = graph(&random)
      var other = graph
      other.links = (graph.links + graph.links.prefix(5)).shuffled(using: &random)
      let found = SharedValues(graph.input, nodeCount: graph.nodeCount, limit: 3)
      let again = SharedValues(other.input, nodeCount: graph.nodeCount, limit: 3)
      #expect(found.roots == again.roots && found.parents == again.parents)
      #expect(found.kinds == again.kinds && found.sizes == again.sizes)
      #expect(found.ignored == again.ignored)
    }
  }

  /// What hangs together stays together when links are added, unless they make a value too common.
  @Test func `more links only put more together`() {
    var random = SeededGenerator(seed: 13)
    for _ in 0..<200 {
      let graph = graph(&random)
      var fewer = graph
      fewer.links = Array(graph.links.prefix(graph.links.count / 2))
      let all = SharedValues(graph.input, nodeCount: graph.nodeCount, limit: nil)
      let half = SharedValues(fewer.input, nodeCount: graph.nodeCount, limit: nil)
      for node in 0..<graph.nodeCount {
        #expect(all.roots[node] == all.roots[Int(half.roots[node])])
      }
    }
  }
}
