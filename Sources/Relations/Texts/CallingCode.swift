/// A country whose telephone numbers can be completed, by its ISO 3166 code.
public enum CallingCode: String, CaseIterable, Sendable {
  case china = "CN"
  case hongKong = "HK"
  case macao = "MO"
  case taiwan = "TW"
  case japan = "JP"
  case korea = "KR"
  case singapore = "SG"
  case malaysia = "MY"
  case thailand = "TH"
  case vietnam = "VN"
  case philippines = "PH"
  case indonesia = "ID"
  case india = "IN"
  case australia = "AU"
  case unitedStates = "US"
  case canada = "CA"
  case unitedKingdom = "GB"
  case germany = "DE"
  case france = "FR"

  /// The country calling code (ITU-T E.164).
  var code: String {
    switch self {
    case .china: "86"
    case .hongKong: "852"
    case .macao: "853"
    case .taiwan: "886"
    case .japan: "81"
    case .korea: "82"
    case .singapore: "65"
    case .malaysia: "60"
    case .thailand: "66"
    case .vietnam: "84"
    case .philippines: "63"
    case .indonesia: "62"
    case .india: "91"
    case .australia: "61"
    case .unitedStates, .canada: "1"
    case .unitedKingdom: "44"
    case .germany: "49"
    case .france: "33"
    }
  }

  /// What is dialled before a national number, and not after a calling code.
  private var trunkPrefix: String? {
    switch self {
    case .hongKong, .macao, .singapore: nil
    case .unitedStates, .canada: "1"
    default: "0"
    }
  }

  /// How many digits a national number has, without the trunk prefix.
  var lengths: ClosedRange<Int> {
    switch self {
    case .china: 10...11
    case .hongKong, .macao, .singapore: 8...8
    case .taiwan: 8...9
    case .japan: 9...10
    case .korea: 8...10
    case .malaysia: 8...10
    case .thailand: 8...9
    case .vietnam: 9...10
    case .philippines: 8...10
    case .indonesia: 8...12
    case .india, .unitedStates, .canada: 10...10
    case .australia, .france: 9...9
    case .unitedKingdom: 9...10
    case .germany: 6...11
    }
  }

  /// A national number without its trunk prefix; nil where it has not as many digits as one has.
  func national(_ digits: String) -> String? {
    var number = digits
    if let trunkPrefix, digits.hasPrefix(trunkPrefix) { number.removeFirst(trunkPrefix.count) }
    return lengths.contains(number.utf8.count) ? number : nil
  }
}
