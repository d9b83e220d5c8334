/// Why a value in the binary format cannot be held.
enum DecodeProblem: Error {
  case wrongLength
  case malformed
  case outOfRange
  case notANumber
  case infinite

  var message: String {
    switch self {
    case .wrongLength: "a value of an unexpected length"
    case .malformed: "a value that is not well formed"
    case .outOfRange: "a value out of range"
    case .notANumber: "NaN, which an exact decimal cannot hold"
    case .infinite: "an infinity, which an exact decimal cannot hold"
    }
  }
}
