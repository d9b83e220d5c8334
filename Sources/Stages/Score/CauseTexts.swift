import Learning
import PipelineFiles

/// The causes of each score as JSON. Names are few, so each is escaped once.
struct CauseTexts {
  private let ranking: CauseRanking
  private var names: [String: String] = [:]

  init(_ ranking: CauseRanking) { self.ranking = ranking }

  /// The text of each row: an array of objects, the largest cause first.
  mutating func texts(_ rowCount: Int) -> [String?] {
    var texts: [String?] = []
    texts.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      var text = "["
      for cause in ranking[row] {
        if text.utf8.count > 1 { text += "," }
        text += "{\"cause\":"
        text += quoted(cause.cause)
        text += ",\"direction\":"
        text += quoted(cause.direction.rawValue)
        text += ",\"share\":"
        text += Self.thousandths(cause.share)
        text += "}"
      }
      texts.append(text + "]")
    }
    return texts
  }

  private mutating func quoted(_ name: String) -> String {
    if let known = names[name] { return known }
    let text = JSONValue.string(name).text
    names[name] = text
    return text
  }

  /// A share with at most three decimals.
  private static func thousandths(_ share: Double) -> String {
    guard share.isFinite else { return "null" }
    return "\((share * 1000).rounded() / 1000)"
  }
}
