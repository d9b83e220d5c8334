import Frames
import Sentiment

extension Function {
  static let sentimentFunctions: [Function] = [
    Function(
      "sentiment",
      "How content the author of a text in English or Chinese sounds, by the words in it: from -1 "
        + "over 0 (neither, or no known word) to 1. It is not in Postgres.",
      Signature([.text], .float8, nulls: .always, .sentiment))
  ]
}

extension Kernel {
  /// Asks the context's model once for each text that stands in a row.
  fileprivate static let sentiment = Kernel.infallible { arguments, call throws(EvaluationError) in
    let (codes, dictionary) = arguments[0].texts
    let (count, isConstant) = call.extent(arguments)
    let model = call.context.sentiment
    var isKnown = [Bool](repeating: false, count: dictionary.count)
    var scores = [Double?](repeating: nil, count: dictionary.count)
    var values = [Double](repeating: 0, count: count)
    var validity = [Bool](repeating: false, count: count)
    dictionary.bytes.withUnsafeBufferPointer { bytes in
      for row in 0..<count where !arguments[0].isNull(row) {
        let code = Int(codes.values[row &* codes.stride])
        if !isKnown[code] {
          let range = dictionary.offsets[code]..<dictionary.offsets[code + 1]
          scores[code] = model.score(UnsafeBufferPointer(rebasing: bytes[range]))
          isKnown[code] = true
        }
        guard let score = scores[code] else { continue }
        values[row] = score
        validity[row] = true
      }
    }
    return Vector(.float8, .float64(values), validity: validity, isConstant: isConstant)
  }
}
