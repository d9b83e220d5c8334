import Diagnostics
import Expressions

extension Expression: Word {
  public static var word: WordShape { WordShape(name: "an SQL expression", example: "amount > 0") }
}
