import Diagnostics
import Frames
import PostgresClient

/// Something that has to be asked of a database before a stage can be planned.
public enum CatalogQuestion: Sendable, Hashable {
  /// The columns of a SELECT. Nothing is executed.
  case columns(of: Snippet, connection: String)
}

/// What databases answered.
public struct CatalogFacts: Sendable {
  public enum Answer: Sendable {
    case columns(SelectDescription)
    case refused(PostgresError)
  }

  private var answers: [CatalogQuestion: Answer] = [:]
  /// Whether databases were asked at all.
  public let isOffline: Bool

  public init(isOffline: Bool) { self.isOffline = isOffline }

  public mutating func add(_ answer: Answer, to question: CatalogQuestion) {
    answers[question] = answer
  }

  public func answer(to question: CatalogQuestion) -> Answer? { answers[question] }
}
