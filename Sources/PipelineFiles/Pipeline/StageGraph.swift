import Diagnostics

/// The stages of a pipeline and what they use of each other.
struct StageGraph {
  /// Each stage after all that it uses, otherwise in the order of the file; as far as possible where
  /// there is an unknown name or a cycle, which the report then says.
  let ordered: [Stage]

  /// - Parameter names: of all stages of the file, also of those that could not be read.
  init(_ stages: [Stage], among names: [String], _ report: Report) {
    let known = Set(names)
    for stage in stages {
      for name in stage.uses where !known.contains(name.text) {
        report.error(
          .unknownStage, "there is no stage '\(name.text)'", at: name.span,
          help: Suggestion.help(for: name.text, in: names))
      }
    }
    var walk = Walk(stages)
    for place in stages.indices { walk.visit(place, report) }
    ordered = walk.order.map { stages[$0] }
  }

  /// A walk in depth that keeps its path itself: a chain of stages may be longer than the stack.
  private struct Walk {
    private enum State { case new, onPath, done }

    private let stages: [Stage]
    private let places: [String: Int]
    private var states: [State]
    private(set) var order: [Int] = []

    init(_ stages: [Stage]) {
      self.stages = stages
      places = Dictionary(
        stages.enumerated().map { ($0.element.name.text, $0.offset) },
        uniquingKeysWith: { a, _ in a })
      states = Array(repeating: .new, count: stages.count)
    }

    mutating func visit(_ start: Int, _ report: Report) {
      guard states[start] == .new else { return }
      states[start] = .onPath
      var path: [(place: Int, nextUse: Int)] = [(start, 0)]
      while let (place, use) = path.last {
        guard use < stages[place].uses.count else {
          states[place] = .done
          order.append(place)
          path.removeLast()
          continue
        }
        path[path.count - 1].nextUse += 1
        let name = stages[place].uses[use]
        guard let next = places[name.text] else { continue }
        switch states[next] {
        case .done: break
        case .new:
          states[next] = .onPath
          path.append((next, 0))
        case .onPath:
          let cycle = path.map(\.place).drop { $0 != next } + [next]
          report.error(
            .cycle, Self.message(cycle.map { stages[$0].name.text }), at: name.span,
            help: "a stage can only use what is made before it")
        }
      }
    }

    private static func message(_ cycle: [String]) -> String {
      if cycle.count == 2 { return "stage '\(cycle[0])' uses itself" }
      return "the stages use each other in a circle: \(cycle.joined(separator: " → "))"
    }
  }
}
