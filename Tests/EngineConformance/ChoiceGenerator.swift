import Expressions
import Frames
import Relations

/// Rows side by side, fifths of them, and rules.
extension CaseGenerator {
  private static let conditions = [
    "n > 2", "r = 5", "f >= 3 and m < 3", "r + f + coalesce(m, 0) > 8", "flag", "status = 'paid'",
    "more_orders.n > n", "more_orders.city = city", "customers.town is null", "m is null",
    "x between 3 and 20 or f = 1", "day >= as_of - interval '10 days'", "note = 'two\nlines'",
    "customers.joined < at", "city = customers.town and r > 1",
  ]
  private static let names = ["loyal", "it's", "two\nlines", "at risk", "loyal", "\\"]

  mutating func choose() -> RelationPlan? {
    let aligned = aligned()
    let schema = aligned.shape.schema
    var known = aligned.shape
    var fifths: [RuleChoice.Fifth] = []
    for name in ["r", "f", "m"].prefix(pick([0, 1, 3])) {
      let numbers = schema.fields.filter { $0.type.isNumber }
      guard !numbers.isEmpty else { break }
      let field = Field(name, .int4)
      fifths.append(
        RuleChoice.Fifth(field, of: pick(numbers).name, isLessBetter: chance(0.4)))
      known.schema.append(field)
    }
    var rules: [RuleChoice.Rule] = []
    let consent = schema["flag"]?.type == .bool ? "flag" : nil
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      guard let condition = typed(pick(Self.conditions), known, as: .bool) else { continue }
      rules.append(
        RuleChoice.Rule(pick(Self.names), when: condition, consent: chance(0.3) ? consent : nil))
    }
    let choice = RuleChoice(
      Field("segment", .text), fifths: fifths, rules: rules,
      otherwise: chance(0.8) ? "the rest" : nil)
    let plan = RelationPlan.choose(choice, aligned)
    // As a stage that takes no more than it looks at, or all that there is.
    return chance(0.5) ? plan : .choose(choice, aligned.narrowed(to: choice.reads))
  }

  private mutating func aligned() -> RelationPlan {
    mayRepeat = true
    var inputs = [steps(0...2, over: orders("orders"))]
    if chance(0.6) { inputs.append(steps(0...1, over: orders("more_orders"))) }
    if chance(0.6) { inputs.append(customers()) }
    mayRepeat = false
    var columns: [Alignment.Taken] = []
    for (place, input) in inputs.enumerated() {
      for name in input.shape.schema.names where place > 0 || name != "id" {
        columns.append(
          .init(
            input: place, column: name, name: place == 0 ? name : "\(input.name).\(name)"))
      }
    }
    return .align(Alignment(by: ["id"], columns: columns), inputs)
  }
}
