import Testing

@testable import Sentiment

@Suite struct LexiconSentimentTests {
  private func score(_ text: String) -> Double { LexiconSentiment.shopReviews.score(text) ?? .nan }

  /// Reviews as shoppers write them, with what a reader says of each: 1 content, 0 neither, -1
  /// displeased.
  private static let reviews: [(Int, String)] = [
    (1, "Great quality and fast shipping, would recommend!"),
    (1, "I love this bag. It is exactly as described and very well made."),
    (1, "Not bad at all for the price."),
    (1, "Excellent customer service, they answered within an hour."),
    (1, "Arrived early, well packaged, works perfectly."),
    (1, "My daughter loves them, so soft and cozy."),
    (1, "Can't complain, cheap and does the job nicely."),
    (1, "A bit expensive but absolutely worth it"),
    (1, "The zipper was stiff at first, but now it's fantastic."),
    (1, "Fits perfectly 👍"),
    (1, "no issues so far, happy with my purchase"),
    (1, "Best headphones I’ve ever had, don’t hesitate."),
    (1, "Quick delivery. Delicious coffee!!"),
    (1, "Surprisingly sturdy and easy to assemble."),
    (1, "Five stars, will be back"),
    (-1, "Terrible quality, broke after two days."),
    (-1, "Not worth the money."),
    (-1, "The package never arrived and nobody answers my emails."),
    (-1, "I am very disappointed, the colour is faded."),
    (-1, "Doesn't work. Waste of money!"),
    (-1, "Customer service was rude and unhelpful."),
    (-1, "Looks nice in the picture but it is cheap plastic and fell apart."),
    (-1, "Way too small, had to return it."),
    (-1, "It isn’t comfortable and smells awful"),
    (-1, "Delivery was late and the box was damaged 😡"),
    (-1, "Not as described. I want a refund."),
    (-1, "The worst purchase ever, stay away"),
    (-1, "This product is not good, I would not recommend it."),
    (-1, "Overpriced and poor quality."),
    (-1, "Stopped working after a week, no response from the seller."),
    (0, "I bought this on Monday for my brother."),
    (0, "The parcel contains two cables and a manual."),
    (0, "Ordered the blue one in size M."),
    (1, "质量非常好，物流也很快，推荐购买！"),
    (1, "宝贝收到了，跟描述一致，很喜欢。"),
    (1, "卖家服务态度很好，发货速度快"),
    (1, "性价比高，会回购的"),
    (1, "衣服很舒服，大小合适，没有色差"),
    (1, "不错不错，已经是第二次买了"),
    (1, "包装严实，没有破损，好评"),
    (1, "价格不贵，味道也不错"),
    (1, "快递小哥很热情，东西也新鲜"),
    (1, "虽然有点贵，但是真的很好用"),
    (1, "没想到这么便宜质量还这么好，超值"),
    (1, "客服很耐心，问题解决了，五星好评"),
    (1, "穿上显瘦，好看，没毛病👍"),
    (1, "一点都不难吃，孩子很爱吃"),
    (1, "还不错，挺满意的"),
    (-1, "质量太差了，用了两天就坏了"),
    (-1, "不好用，后悔买了"),
    (-1, "客服态度很差，不理人"),
    (-1, "物流太慢，等了半个月还没收到"),
    (-1, "假货，千万别买！"),
    (-1, "和图片不一样，色差很大，很失望"),
    (-1, "不值这个价，不推荐"),
    (-1, "没有想象中的好，布料很薄"),
    (-1, "收到的时候已经破损了，联系客服也没人管"),
    (-1, "垃圾东西，再也不会来了"),
    (-1, "味道刺鼻，不太满意"),
    (-1, "看着还可以，可是洗一次就掉色，质量不行"),
    (-1, "发错货了，还不给退款，差评"),
    (-1, "衣服起球严重，不舒服"),
    (0, "给老公买的，还没用。"),
    (0, "昨天下单，今天到货。"),
    (0, "买了两件，一件蓝色一件黑色。"),
  ]

  @Test func `most labelled reviews are read as their readers do`() {
    let wrong = Self.reviews.filter { label, text in
      let score = score(text)
      return label == 0 ? abs(score) > 0.2 : score * Double(label) < 0.15
    }
    #expect(Double(wrong.count) <= 0.05 * Double(Self.reviews.count), "\(wrong)")
  }

  @Test(arguments: [
    ("not good", "good"), ("不好", "好"), ("没有质量问题", "很好"), ("有点慢", "快"), ("good", "very good"),
    ("好", "非常好"), ("slightly annoying", "fine"), ("very bad", "bad"), ("太差", "一般"),
    ("good, but broken", "broken, but good"), ("喜欢，但是坏了", "坏了，但是喜欢"), ("not bad", "great"),
    ("doesn’t work", "works"), ("not cheap", "not only cheap"), ("差不多", "好"), ("很差", "差不多"),
  ])
  func `one is worse than the other`(worse: String, better: String) {
    #expect(score(worse) < score(better))
  }

  @Test(arguments: [
    ("GREAT Stuff", "great stuff"), ("don't like", "don’t like"), ("dont like", "don't like"),
    ("质量 好", "质量好"),
  ])
  func `spelling makes no difference`(one: String, other: String) {
    #expect(score(one) == score(other) && score(one) != 0)
  }

  @Test func `words end where words end`() {
    #expect(score("goodness badminton") == 0)
    #expect(score("快递") == 0 && score("快") > 0)
    #expect(score("not. good") > 0)
  }

  @Test func `what is no text is no trouble`() {
    #expect(score("") == 0)
    for bytes: [UInt8] in [[0xff], [0xe5], [0xe5, 0xa5], [0, 0x80, 0x67], [0xf0, 0x9f, 0x91]] {
      #expect(bytes.withUnsafeBufferPointer { LexiconSentiment.shopReviews.score($0) } == 0)
    }
    #expect(abs(score(String(repeating: "good ", count: 10_000))) <= 1)
    #expect(score(String(repeating: "bad ", count: 10_000)) >= -1)
  }

  /// Of two roles for one word the later would hold, unseen.
  @Test func `no word has two roles`() {
    var roles: [String: Lexicon.Role] = [:]
    for (word, role) in EnglishWords.all + ChineseWords.all {
      if let other = roles.updateValue(role, forKey: word), other != role {
        Issue.record("\(word) is \(other) and \(role)")
      }
    }
    #expect(roles.count > 1000)
  }
}
