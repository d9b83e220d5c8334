import Diagnostics
import Expressions
import Frames

/// A frame like the bench's events and orders, in one.
struct SampleRows {
  static let count = 1_000_000
  static let groupCount = 40_000
  let frame: Frame
  let amounts: [Int64]
  let seconds: [Double]
  let kinds: [Int32]
  let categories: [Int64]
  let groups: [Int32]
  let context = EvaluationContext(asOf: Instant(microseconds: 0), zone: .utc)

  init() {
    var numbers = Numbers(seed: 3)
    let count = Self.count
    amounts = (0..<count).map { _ in Int64(numbers.below(100_000)) }
    seconds = (0..<count).map { _ in 300 * numbers.share() }
    kinds = (0..<count).map { _ in Int32(numbers.below(4)) }
    categories = (0..<count).map { _ in Int64(numbers.below(23)) }
    groups = (0..<count).map { _ in Int32(numbers.below(Self.groupCount)) }
    let words = TextDictionary(["view", "cart", "search", "like"])
    frame = Frame(
      schema: Schema([
        Field("amount", .numeric(precision: 12, scale: 2)), Field("seconds", .float8),
        Field("kind", .text), Field("category", .int4),
      ]),
      columns: [
        Column(type: .numeric(precision: 12, scale: 2), values: .int64(amounts)),
        Column(type: .float8, values: .float64(seconds)),
        Column(type: .text, values: .text(kinds, words)),
        Column(type: .int4, values: .int64(categories)),
      ], rowCount: count)
  }

  private struct Untyped: Error { let text: String }

  private func parsed(_ text: String) throws -> Expression {
    try Expression(parsing: Snippet(file: SourceFile(name: "bench", text: text)))
  }

  func typed(_ text: String) throws -> TypedExpression {
    guard let typed = try parsed(text).typed(in: frame.schema, Report()) else {
      throw Untyped(text: text)
    }
    return typed
  }

  func aggregate(_ text: String) throws -> AggregateExpression {
    guard let typed = try parsed(text).typedAggregate(in: frame.schema, Report()) else {
      throw Untyped(text: text)
    }
    return typed
  }
}

/// Expressions of a row's values; beside each the loop that one would write for it by hand.
func expressionTable() throws -> Figures {
  let sample = SampleRows()
  var figures = Figures(
    title: "Expressions",
    meaning: "Million rows a second; beside it the same by a loop written for this expression.",
    header: ["expression", "Mrows/s", "loop, Mrows/s", "times the loop"])
  func add(_ expression: String, _ loop: () -> Void) throws {
    let typed = try sample.typed(expression)
    let seconds = try fastest {
      keep(try typed.evaluate(over: sample.frame, in: sample.context).count)
    }
    figures.add("`\(expression)`", count: SampleRows.count, seconds, fastest(loop))
  }
  let (amounts, seconds, kinds) = (sample.amounts, sample.seconds, sample.kinds)
  try add("amount < 6") { keep(amounts.map { $0 < 600 }) }
  try add("amount * 2 + 1") { keep(amounts.map { $0 &* 2 &+ 100 }) }
  try add("seconds / 60") { keep(seconds.map { $0 / 60 }) }
  try add("kind = 'cart'") { keep(kinds.map { $0 == 1 }) }
  try add("kind = 'cart' and seconds > 10") {
    keep(kinds.indices.map { kinds[$0] == 1 && seconds[$0] > 10 })
  }
  try add("case when seconds > 100 then amount else 0 end") {
    keep(seconds.indices.map { seconds[$0] > 100 ? amounts[$0] : 0 })
  }
  return figures
}
