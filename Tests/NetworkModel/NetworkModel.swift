import Realtime
