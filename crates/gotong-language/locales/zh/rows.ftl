rows-name = 名称
rows-type = 类型
rows-author = 来自
rows-channel = 频道
rows-label = 标签
rows-time = 时间
rows-revoked = 已吊销
