import './shells/electron'
