outcome-done = 已完成
outcome-partly = 部分完成
outcome-refused = 未执行
outcome-waits = 等待中
outcome-lines = 逐项
outcome-about = 事项
outcome-ending = 结果
outcome-why = 原因
