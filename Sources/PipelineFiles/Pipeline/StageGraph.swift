import Diagnostics

/// The stages of a pipeline and what they use of each other.
struct StageGraph {
  /// Each stage after all that it uses, otherwise in the order of the file; nil when there is an
  /// unknown name or a cycle, which the report then says.
  let ordered: [Stage]?

  init(_ stages: [Stage], _ report: Report) {
    let names = stages.map(\.name.text)
    let places = Dictionary(
      names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    let before = report.errorCount
    for stage in stages {
      for name in stage.uses where places[name.text] == nil {
        report.error(
          .unknownStage, "there is no stage '\(name.text)'", at: name.span,
          help: Suggestion.help(for: name.text, in: names))
      }
    }
    guard report.errorCount == before else {
      ordered = nil
      return
    }
    var order: [Stage] = []
    var state = [Int](repeating: 0, count: stages.count)  // 0 new, 1 on the path, 2 done
    var path: [Int] = []

    func visit(_ place: Int) -> Bool {
      state[place] = 1
      path.append(place)
      for name in stages[place].uses {
        guard let next = places[name.text] else { continue }
        if state[next] == 1 {
          let cycle = path.drop { $0 != next }.map { names[$0] } + [names[next]]
          report.error(
            .cycle, "the stages use each other in a circle: \(cycle.joined(separator: " → "))",
            at: name.span, help: "a stage can only use what is made before it")
          return false
        }
        if state[next] == 0, !visit(next) { return false }
      }
      path.removeLast()
      state[place] = 2
      order.append(stages[place])
      return true
    }

    for place in stages.indices where state[place] == 0 {
      guard visit(place) else {
        ordered = nil
        return
      }
    }
    ordered = order
  }
}
