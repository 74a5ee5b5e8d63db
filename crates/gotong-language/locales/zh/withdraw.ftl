withdraw-title = 撤回
withdraw-text = 将要求每个持有方删除其所有版本，对方节点会在完成后告知。已被他人复制到别处的内容无法收回。
withdraw-relabel-title = 更改标签
withdraw-relabel-text = 更严格的标签从现在起约束所有版本。若标签比频道允许的更严格，该对象将在该频道中撤回。
withdraw-where = 范围
withdraw-asked = 将要求：
withdraw-reason = 原因
withdraw-reason-error = 内容有误
withdraw-reason-agreement = 协定要求
withdraw-reason-legal = 法律要求
withdraw-reason-personal-data = 含有个人数据
withdraw-reason-request = 有人提出请求
withdraw-reason-other = 其他原因
withdraw-act = 撤回
withdraw-leave = 保持不变
withdraw-new-label = 新标签
withdraw-relabel-act = 更改
withdraw-now = 立即执行，无法撤销
withdraw-parts = 同时撤回它所引用且无其他内容引用的对象
withdraw-parts-stay = 它所引用的对象保留各自的标签：请另行更改。
withdraw-nothing-chosen = 未执行任何操作：请选择范围，以及原因或标签。
withdraw-again = 重新选择
withdraw-onward = 所有记录
withdraw-listed = 该处撤回的内容，以及谁已将其删除
withdraw-line-done = 已完成；已要求持有方处理
withdraw-line-none = 那里没有您的内容
withdraw-line-refused = 未执行
withdraw-outcome-withdraw = { $entries ->
    [0] 没有撤回任何内容。
   *[other] 已撤回{ $entries }个条目，并要求每个持有方删除。
}
withdraw-outcome-relabel = { $entries ->
    [0] 没有更改任何标签。
   *[other] 已更改{ $entries }个条目的标签。
}
withdraw-reason-superseded = 已有更新的内容取代
withdraw-reason-source-request = 其来源提出请求
withdraw-reason-privacy = 透露他人信息过多
withdraw-reason-retention = 可保存的期限已过
withdraw-reason-relabelled = 其标签的更改超出了频道可接受的范围
