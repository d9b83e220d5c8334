import Frames
import Sentiment
import Testing

@testable import Expressions

@Suite struct SentimentFunctionTests {
  private static let schema = Schema([
    Field("review", .text), Field("secret", .text, isPersonal: true),
  ])

  private func frame(_ texts: [String?]) -> Frame {
    var builder = ColumnBuilder(type: .text)
    for text in texts { if let text { builder.append(text) } else { builder.appendNull() } }
    let column = builder.build()
    return Frame(schema: Self.schema, columns: [column, column], rowCount: texts.count)
  }

  @Test func `each text has a score, and none has none`() throws {
    let texts = ["great", nil, "太差了", "on Monday", "", "great"]
    let column = try typed("sentiment(review)", Self.schema)
      .evaluate(over: frame(texts), in: context)
    guard case .float64(let values) = column.values else {
      Issue.record("no numbers")
      return
    }
    #expect((0..<6).map(column.isNull) == [false, true, false, false, false, false])
    #expect(values[0] > 0.3 && values[2] < -0.3 && values[3] == 0 && values[4] == 0)
    #expect(values[0] == values[5])
    #expect(values[0] == LexiconSentiment.shopReviews.score("great"))
    #expect(try value(of: "sentiment('good') > sentiment('not good')") == "true")
    #expect(try value(of: "sentiment(null)") == nil)
  }

  /// A model that says how long a text is, and of short ones nothing.
  private struct Length: SentimentModel {
    func score(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
      text.count < 3 ? nil : Double(text.count)
    }
  }

  @Test func `another model is asked in its place`() throws {
    let other = EvaluationContext(asOf: noon2024, zone: .utc, sentiment: Length())
    let column = try typed("coalesce(sentiment(review), -1)", Self.schema)
      .evaluate(over: frame(["four", "ab", nil, "three"]), in: other)
    guard case .float64(let values) = column.values else {
      Issue.record("no numbers")
      return
    }
    #expect(values == [4, -1, -1, 5])
  }

  @Test func `the mood of a personal text is personal`() throws {
    #expect(try typed("sentiment(secret)", Self.schema).isPersonal)
    #expect(try !typed("sentiment(review)", Self.schema).isPersonal)
    #expect(
      try mistake(in: "sentiment(1)", Self.schema).message == "there is no sentiment(integer)")
  }
}
