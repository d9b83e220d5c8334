/// Says how content or displeased the author of a text is.
///
/// A model is asked from many threads at once, once for each text.
public protocol SentimentModel: Sendable {
  /// From -1, displeased, through 0, neither, to 1, content; nil where the model cannot say.
  ///
  /// - Parameter text: UTF-8; what is none is skipped.
  func score(_ text: UnsafeBufferPointer<UInt8>) -> Double?
}

extension SentimentModel {
  public func score(_ text: String) -> Double? {
    var text = text
    return text.withUTF8(score)
  }
}
