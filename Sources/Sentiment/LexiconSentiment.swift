/// Reads the mood of a text off the words in it: English and Chinese ones that shoppers use of
/// goods, prices, delivery and service.
///
/// The moods of the words are added up. A degree before a word ("very", 非常) multiplies its mood; a
/// negation ("not", 没有) turns it round and makes it weaker, so that "not bad" is less than "good".
/// Both hold for the next few words, up to a punctuation mark. After a contrast ("but", 但是) what
/// came before counts half. The sum x becomes x / sqrt(x² + 4), which lies between -1 and 1.
///
/// English is cut into words; in Chinese the longest word that begins at a character is taken, and
/// nothing is cut. A text without a known word scores 0.
public struct LexiconSentiment: SentimentModel {
  /// Our own words of shop reviews.
  public static let shopReviews = LexiconSentiment(EnglishWords.all + ChineseWords.all)

  /// What a negation leaves of a mood.
  private static let negated = -0.75
  /// What a contrast leaves of what came before.
  private static let contrasted = 0.5
  /// How soft the sum's way to -1 and 1 is.
  private static let softness = 4.0
  /// Over how many unknown words or Chinese characters a negation or a degree reaches.
  private static let reach = 4

  private let lexicon: Lexicon

  init(_ words: [(word: String, role: Lexicon.Role)]) { lexicon = Lexicon(words) }

  public func score(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var sum = 0.0
    var pending = Pending()
    var place = 0
    while place < text.count {
      guard let (role, end) = lexicon.match(text, from: place) else {
        place = skip(text, from: place, &pending)
        continue
      }
      place = end
      switch role {
      case .mood(let mood):
        sum += mood * pending.factor
        pending = Pending()
      case .negation: pending.add(Self.negated, reach: Self.reach)
      case .degree(let degree): pending.add(degree, reach: Self.reach)
      case .contrast:
        sum *= Self.contrasted
        pending = Pending()
      case .stop: pending = Pending()
      case .nothing: pending.pass()
      }
    }
    return sum / (sum * sum + Self.softness).squareRoot()
  }

  /// The place after a word or character that is not known.
  private func skip(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ pending: inout Pending
  ) -> Int {
    var place = start + 1
    if text[start].isWordCharacter {
      while place < text.count, text[place].isWordCharacter { place += 1 }
      pending.pass()
    } else if text[start] >= 0x80 {
      while place < text.count, text[place].isContinuation { place += 1 }
      pending.pass()
    }
    return place
  }
}

/// What negations and degrees have said of the next mood.
private struct Pending {
  private(set) var factor = 1.0
  private var reach = 0

  mutating func add(_ factor: Double, reach: Int) {
    self.factor *= factor
    self.reach = reach
  }

  /// A word or character goes by without a mood.
  mutating func pass() {
    guard reach > 0 else { return }
    reach -= 1
    if reach == 0 { factor = 1 }
  }
}
