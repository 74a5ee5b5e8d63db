waiting-title = 等待人工处理
waiting-about = 这些记录已提交发布，但其中有些情况需要先由人工决定。外部尚无人能看到。
waiting-none = 没有等待处理的内容
waiting-none-text = 需要决定的内容会列在这里。
waiting-no-more = 没有更多等待处理的内容
waiting-first = 返回开头
waiting-only-look = 您可以查看。决定由发布官员作出。
waiting-caption = 最早在前
waiting-choose = 选择
waiting-what = 内容
waiting-why = 等待原因
waiting-all-shown = 此处显示的全部{ $count }项
waiting-release = 批准所选内容
waiting-drop = 放弃所选内容
waiting-decide-about = 批准的内容会立即在其频道中发布。放弃的内容会被删除，且无法恢复。
waiting-next = 更多
waiting-one-title = 等待处理，编号
waiting-sender = 发送者
waiting-contents = 内容
waiting-release-one = 批准
waiting-drop-one = 放弃
waiting-nothing-chosen = 未执行任何操作：没有选择任何内容。
waiting-onward = 仍在等待的内容
waiting-released = { $count ->
    [0] 没有批准任何内容。
   *[other] 已批准{ $count }条记录。
}
waiting-dropped = { $count ->
    [0] 没有放弃任何内容。
   *[other] 已放弃{ $count }条记录。
}
waiting-line-released = 已发布
waiting-line-known = 此前已发布
waiting-line-refused = 被拒绝；仍在此等待
waiting-line-waits = 仍在等待
waiting-line-dropped = 已放弃并删除
waiting-line-gone = 不再等待：已有人作出决定
