bulk-bar = 批量操作
bulk-page = 本页全部{ $count }条
bulk-all = 所有页面上的全部匹配记录
bulk-chosen = 已选择：{ "{" }count{ "}" }
bulk-withdraw = 撤回……
bulk-relabel = 更改标签……
bulk-download = 以STIX 2.1下载全部匹配记录
bulk-pick = 选择此记录
bulk-waiting-all = 等待您处理的全部内容，不限于本页：
bulk-waiting-release = 全部批准……
bulk-waiting-drop = 全部放弃……
bulk-title-withdraw = { $count ->
    [0] 不撤回任何内容
   *[other] 撤回{ $count }条记录
}
bulk-title-relabel = { $count ->
    [0] 不更改任何标签
   *[other] 更改{ $count }条记录的标签
}
bulk-title-release = { $count ->
    [0] 不批准任何内容
   *[other] 批准{ $count }条等待中的记录
}
bulk-title-drop = { $count ->
    [0] 不放弃任何内容
   *[other] 放弃{ $count }条等待中的记录
}
bulk-about-withdraw = 将要求每个持有方删除其所有版本，对方节点会在完成后告知。已被他人复制到别处的内容无法收回。
bulk-about-relabel = 更严格的标签从现在起约束所有版本。若标签比频道允许的更严格，这些记录将在该频道中撤回。
bulk-about-release = 每条记录都会在其频道中发布，如同您单独批准它一样。
bulk-about-drop = 等待时间结束后，每条记录都会被删除，届时无法恢复。
bulk-caption = 涉及的内容，按频道列出
bulk-records = 记录
bulk-who = 将要求谁同样处理
bulk-who-receives = 谁将收到
bulk-none = 其中没有可以处理的内容
bulk-none-text = 原因见下。您可以撤回贵方发布的内容并更改其标签。
bulk-left-out = 保持不变的内容
bulk-send = 两分钟后执行
bulk-send-hint = 两分钟内可以撤销。
bulk-leave = 全部保持不变
bulk-frozen = 所选内容在此页面生成时已固定：现在到达的内容不包括在内。未发送的选择会在一小时后清除。
bulk-held = 执行倒计时
bulk-held-text = 在此之前可以撤销，且尚未对任何记录执行操作。开始时间：
bulk-undo = 撤销
bulk-running = 正在执行
bulk-running-text = 无论您是否查看，它都会自行继续。它已开始，因此无法再撤销。
bulk-look-again = 再次查看
bulk-look = 查看
bulk-back = 重新选择
bulk-undone = 已撤销。未对所选的{ $count }条记录执行任何操作。
bulk-left = 未执行任何操作，也未保留任何选择。
bulk-again = 重新发布内容
bulk-refused-unknown = 此项已不存在：它已执行、已放弃，或在一小时后被清除。
bulk-refused-much = 未执行任何操作：匹配的记录超出一次可选择的数量，即{ $count }条记录，按词语搜索时为1,000条。请缩小范围，例如按类型、频道或作者，然后重新选择。
bulk-refused-late = 为时已晚：它已开始，或{ $seconds }秒已过。已撤回的内容仍为撤回状态，可以重新发布。
bulk-refused-nothing = 未执行任何操作：请选择记录，然后选择原因或标签。
bulk-outcome-withdraw = { $count ->
    [0] 没有撤回任何内容。
   *[other] 已撤回{ $count }条记录，并要求每个持有方删除。此操作无法撤销；记录可以重新发布。
}
bulk-outcome-relabel = { $count ->
    [0] 没有更改任何标签。
   *[other] 已更改{ $count }条记录的标签。标签可以再次更改。
}
bulk-outcome-release = { $count ->
    [0] 没有批准任何内容。
   *[other] 已批准{ $count }条记录。可以撤回。
}
bulk-outcome-drop = { $count ->
    [0] 没有放弃任何内容。
   *[other] 已放弃并删除{ $count }条记录。
}
bulk-line-done = { $count }条记录：已完成
bulk-line-beyond = { $count }条记录：已撤回，因为其标签比频道可接受的更严格
bulk-line-others = { $count }条记录不属于您：只有发布者才能收回
bulk-line-gone = { $count }条记录已不存在：已被撤回，或已有人作出决定
bulk-line-rights = { $count }条记录：未执行，因为您在那里已无权这样做
bulk-line-refused = { $count }条记录：被拒绝
bulk-line-waits = { $count }条记录仍在等待
bulk-now = 您对多条记录的操作
bulk-now-held = 开始时间：
