import Diagnostics
import Frames
import Sentiment

/// What a row did that Postgres refuses too. Never holds a value of the row.
public struct EvaluationError: Error, Sendable {
  /// The SQLSTATE that Postgres gives.
  public enum Kind: String, Sendable {
    case divisionByZero = "22012"
    case outOfRange = "22003"
    case invalidText = "22P02"
    case invalidTime = "22007"
    case timeOutOfRange = "22008"
    case invalidLogarithm = "2201E"
    case invalidPower = "2201F"
    case invalidArgument = "22023"
    case invalidEscape = "22025"
    case invalidLength = "22011"
    case invalidBucket = "2201G"
    case tooLong = "54000"
    /// The frame is not of the schema that the expression was typed with.
    case schemaMismatch = "42804"
  }

  public let kind: Kind
  public let message: String
  /// The part of the expression that failed.
  public let span: SourceSpan?
  /// The first row that failed, from 0; nil where no single row did.
  public let row: Int?
}

/// What an expression may depend on beside the row.
public struct EvaluationContext: Sendable {
  /// The value of `as_of`.
  public let asOf: Instant
  /// The session time zone: casts between local times and instants happen in it.
  public let zone: CalendarZone
  /// What `sentiment` asks.
  public let sentiment: any SentimentModel

  public init(
    asOf: Instant, zone: CalendarZone, sentiment: any SentimentModel = LexiconSentiment.shopReviews
  ) {
    self.asOf = asOf
    self.zone = zone
    self.sentiment = sentiment
  }
}
