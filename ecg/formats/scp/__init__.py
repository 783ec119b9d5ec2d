"""SCP-ECG, the Standard Communications Protocol for electrocardiography: EN 1064, ISO 11073-91064."""
